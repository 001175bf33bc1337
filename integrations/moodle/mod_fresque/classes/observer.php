<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * Follows what happens in courses.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque;

use mod_fresque\local\errands;

/**
 * Tells the service of changes that do not come through the activity's own form.
 */
class observer {
    /**
     * An activity was changed: by its form, or its name or group mode on the course page.
     *
     * @param \core\event\course_module_updated $event
     */
    public static function module_changed(\core\event\course_module_updated $event): void {
        if (($event->other['modulename'] ?? '') === 'fresque') {
            $about = ['activity' => (int) $event->other['instanceid']];
            errands::now_or_later('change', $about);
            errands::later('members', $about);
        }
    }

    /**
     * A course was changed: its group mode counts for its activities.
     *
     * @param \core\event\course_updated $event
     */
    public static function course_changed(\core\event\course_updated $event): void {
        self::each_of((int) $event->courseid, ['change', 'members']);
    }

    /**
     * Somebody came, left, or changed groups. Many such events make one errand.
     *
     * @param \core\event\base $event
     */
    public static function people_changed(\core\event\base $event): void {
        self::each_of((int) $event->courseid, ['members']);
    }

    /**
     * Queues errands for each activity of a course.
     *
     * @param int $courseid
     * @param string[] $errands
     */
    private static function each_of(int $courseid, array $errands): void {
        global $DB;
        if ($courseid <= SITEID) {
            return;
        }
        foreach ($DB->get_fieldset_select('fresque', 'id', "course = ? AND board <> ''", [$courseid]) as $id) {
            foreach ($errands as $what) {
                errands::later($what, ['activity' => (int) $id]);
            }
        }
    }
}
