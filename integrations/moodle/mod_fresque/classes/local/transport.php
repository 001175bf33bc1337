<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * How requests are sent.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\local;

/**
 * Sends HTTP requests. It never throws: what goes wrong is in the answer.
 */
interface transport {
    /**
     * Sends a request.
     *
     * @param string $method
     * @param string $url
     * @param string[] $headers each as "Name: value"
     * @param string $body
     * @param int $timeout seconds
     * @return reply
     */
    public function send(string $method, string $url, array $headers, string $body, int $timeout): reply;
}
