<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * Restore of an activity.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

require_once($CFG->dirroot . '/mod/fresque/backup/moodle2/restore_fresque_stepslib.php');

/**
 * The restore of one activity.
 */
class restore_fresque_activity_task extends restore_activity_task {
    /**
     * There are no settings of its own.
     */
    protected function define_my_settings() {
    }

    /**
     * What is done.
     */
    protected function define_my_steps() {
        $this->add_step(new restore_fresque_activity_structure_step('fresque_structure', 'fresque.xml'));
    }

    /**
     * Where links may be.
     *
     * @return restore_decode_content[]
     */
    public static function define_decode_contents() {
        return [new restore_decode_content('fresque', ['intro'], 'fresque')];
    }

    /**
     * What links become.
     *
     * @return restore_decode_rule[]
     */
    public static function define_decode_rules() {
        return [
            new restore_decode_rule('FRESQUEVIEWBYID', '/mod/fresque/view.php?id=$1', 'course_module'),
            new restore_decode_rule('FRESQUEINDEX', '/mod/fresque/index.php?id=$1', 'course'),
        ];
    }

    /**
     * What entries of the log become.
     *
     * @return restore_log_rule[]
     */
    public static function define_restore_log_rules() {
        return [new restore_log_rule('fresque', 'view', 'view.php?id={course_module}', '{fresque}')];
    }

    /**
     * The wall is made when everything else of the activity is there.
     */
    public function after_restore() {
        \mod_fresque\local\errands::later('make', ['activity' => (int) $this->get_activityid()]);
    }
}
