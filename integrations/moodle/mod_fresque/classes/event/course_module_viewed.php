<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * An activity was looked at.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\event;

/**
 * Somebody looked at an activity.
 */
class course_module_viewed extends \core\event\course_module_viewed {
    /**
     * What the event is about.
     */
    protected function init() {
        $this->data['crud'] = 'r';
        $this->data['edulevel'] = self::LEVEL_PARTICIPATING;
        $this->data['objecttable'] = 'fresque';
    }

    /**
     * What its object is called in a backup.
     *
     * @return array
     */
    public static function get_objectid_mapping() {
        return ['db' => 'fresque', 'restore' => 'fresque'];
    }
}
