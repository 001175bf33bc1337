<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * Where the service tells of participation.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

// phpcs:disable moodle.Files.RequireLogin.Missing -- The signature says who calls.
define('NO_MOODLE_COOKIES', true);
define('NO_DEBUG_DISPLAY', true);

require(__DIR__ . '/../../config.php');

// A webhook is small; what is not is none.
$body = (string) file_get_contents('php://input', false, null, 0, 262144);
try {
    $status = \mod_fresque\local\webhook::receive($_SERVER, $body, time());
} catch (\Throwable $fault) {
    // The service tries again later; the page that Moodle makes of a fault would tell it nothing.
    error_log('mod_fresque webhook: ' . get_class($fault) . ': ' . $fault->getMessage()); // phpcs:ignore moodle.PHP.ForbiddenFunctions
    $status = 500;
}
http_response_code($status);
