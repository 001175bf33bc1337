<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * What becomes of a backup of an activity.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

/**
 * Restores an activity. It gets a wall of its own: a copy of the original's, with what
 * people posted where their data are restored.
 */
class restore_fresque_activity_structure_step extends restore_activity_structure_step {
    /** @var string the wall in the backup, packed */
    private $packed = '';

    /**
     * The structure.
     *
     * @return restore_path_element[]
     */
    protected function define_structure() {
        $paths = [new restore_path_element('fresque', '/activity/fresque')];
        if ($this->get_setting_value('userinfo')) {
            $paths[] = new restore_path_element('participation', '/activity/fresque/participations/participation');
        }
        return $this->prepare_activity_structure($paths);
    }

    /**
     * Makes the activity.
     *
     * @param array $data
     */
    protected function process_fresque($data) {
        global $DB;
        $data = (object) $data;
        $data->course = $this->get_courseid();
        // A wall is copied for the site that owns it alone, out of a backup that this site has made.
        $ours = $data->board !== '' && hash_equals(\mod_fresque\local\site::seal($data->board), (string) ($data->seal ?? ''));
        $data->source = $ours ? $data->board : '';
        $data->sourceposts = (int) ($ours && $this->get_setting_value('userinfo'));
        $data->requestkey = 'moodle-' . bin2hex(random_bytes(16));
        $data->board = $data->problem = $data->since = $data->sent = '';
        $data->timeasked = 0;
        if ($data->grade < 0) {
            $data->grade = -$this->get_mappingid('scale', -$data->grade);
        }
        // People are told who they are here when all of them are known.
        $this->packed = (string) ($data->transfer ?? '');
        $data->transfer = null;
        unset($data->id, $data->seal);
        $this->apply_activity_instance($DB->insert_record('fresque', $data));
    }

    /**
     * Notes what somebody did.
     *
     * @param array $data
     */
    protected function process_participation($data) {
        global $DB;
        $data = (object) $data;
        $data->fresqueid = $this->get_new_parentid('fresque');
        $data->userid = $this->get_mappingid('user', $data->userid);
        // What the service says of the new wall is newer, whenever it happened.
        $data->changedat = '';
        if ($data->userid) {
            unset($data->id);
            // The service may have counted for them before they come.
            \mod_fresque\local\people::reference($data->userid);
            $DB->insert_record('fresque_participation', $data);
        }
    }

    /**
     * Files of the description, and what is made of the wall in the backup.
     */
    protected function after_execute() {
        global $DB;
        $this->add_related_files('mod_fresque', 'intro', null);
        $wall = \mod_fresque\local\transfer::unpack($this->packed, function (int $userid) {
            $new = (int) $this->get_mappingid('user', $userid);
            return $new ? \mod_fresque\local\people::reference($new) : '';
        }, (bool) $this->get_setting_value('userinfo'));
        if ($wall !== '') {
            $DB->set_field('fresque', 'transfer', $wall, ['id' => $this->task->get_activityid()]);
        }
    }
}
