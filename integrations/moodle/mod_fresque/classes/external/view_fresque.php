<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * Notes that somebody looked at a wall.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\external;

/**
 * The external function mod_fresque_view_fresque.
 */
class view_fresque extends api {
    /**
     * Notes it.
     *
     * @param int $cmid
     * @return array
     */
    public static function execute($cmid) {
        list($activity, $course, $cm, $context) = self::seen((int) $cmid);
        fresque_view($activity, $course, $cm, $context);
        return ['status' => true];
    }

    /**
     * What is given back.
     *
     * @return \core_external\external_single_structure
     */
    public static function execute_returns() {
        return new \core_external\external_single_structure([
            'status' => new \core_external\external_value(PARAM_BOOL, 'Whether it is noted'),
        ]);
    }
}
