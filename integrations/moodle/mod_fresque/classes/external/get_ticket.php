<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * An address that opens a wall once.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\external;

use mod_fresque\local\fault;
use mod_fresque\local\visit;

/**
 * The external function mod_fresque_get_ticket.
 */
class get_ticket extends api {
    /**
     * Asks for a ticket to a page that is not framed.
     *
     * @param int $cmid
     * @return array
     */
    public static function execute($cmid) {
        list($activity, $course, $cm, $context) = self::seen((int) $cmid);
        try {
            $ticket = visit::of($activity, $course, $cm, $context)->ticket(false);
        } catch (fault $fault) {
            throw new \moodle_exception('awaytitle', 'mod_fresque', '', null, $fault->getMessage());
        }
        return ['url' => $ticket['url'], 'expiresat' => (string) ($ticket['expiresAt'] ?? '')];
    }

    /**
     * What is given back.
     *
     * @return \core_external\external_single_structure
     */
    public static function execute_returns() {
        return new \core_external\external_single_structure([
            'url' => new \core_external\external_value(PARAM_RAW, 'The address; it opens the wall once'),
            'expiresat' => new \core_external\external_value(PARAM_RAW, 'Until when (RFC 3339)'),
        ]);
    }
}
