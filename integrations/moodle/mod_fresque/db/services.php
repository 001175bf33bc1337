<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * What other programs may call.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

$functions = [
    'mod_fresque_view_fresque' => [
        'classname' => 'mod_fresque\external\view_fresque',
        'methodname' => 'execute',
        'description' => 'Notes that somebody looked at a wall.',
        'type' => 'write',
        'capabilities' => 'mod/fresque:view',
        'services' => [MOODLE_OFFICIAL_MOBILE_SERVICE],
    ],
    'mod_fresque_get_ticket' => [
        'classname' => 'mod_fresque\external\get_ticket',
        'methodname' => 'execute',
        'description' => 'Gives an address that opens a wall once, within a minute.',
        'type' => 'write',
        'capabilities' => 'mod/fresque:view',
        'services' => [MOODLE_OFFICIAL_MOBILE_SERVICE],
    ],
];
