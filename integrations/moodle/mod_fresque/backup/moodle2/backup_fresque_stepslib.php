<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * What a backup of an activity has in it.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

/**
 * The structure of fresque.xml. The wall is in it as the service exports it, without uploads.
 * A restored activity gets a copy of the original's wall, uploads and all, where that is still
 * there, and what is in the backup where it is not.
 */
class backup_fresque_activity_structure_step extends backup_activity_structure_step {
    /**
     * The structure.
     *
     * @return backup_nested_element
     */
    protected function define_structure() {
        $activity = new backup_nested_element('fresque', ['id'], [
            'name', 'intro', 'introformat', 'board', 'seal', 'template', 'layout', 'moderation', 'reactions', 'anonymity',
            'completionposts', 'completionpeers', 'completionwords', 'completionreactions', 'completionsections',
            'gradeby', 'gradefull', 'grade', 'timecreated', 'timemodified', 'transfer',
        ]);
        $people = new backup_nested_element('participations');
        $counts = array_merge(['userid'], \mod_fresque\local\people::COUNTS, ['timemodified']);
        $one = new backup_nested_element('participation', ['id'], $counts);
        $activity->add_child($people);
        $people->add_child($one);

        $record = $GLOBALS['DB']->get_record('fresque', ['id' => $this->task->get_activityid()], '*', MUST_EXIST);
        $record->seal = \mod_fresque\local\site::seal($record->board);
        $record->transfer = $this->wall($record->board);
        $activity->set_source_array([$record]);
        if ($this->get_setting_value('userinfo')) {
            $one->set_source_table('fresque_participation', ['fresqueid' => backup::VAR_PARENTID]);
        }
        $one->annotate_ids('user', 'userid');
        $activity->annotate_files('mod_fresque', 'intro', null);
        return $this->prepare_activity_structure($activity);
    }

    /**
     * The wall, packed; empty when the service is away. The backup is of use without it for as
     * long as the original is there to be copied.
     *
     * @param string $board
     * @return string
     */
    private function wall(string $board): string {
        global $DB;
        if ($board === '') {
            return '';
        }
        try {
            $wall = \mod_fresque\local\site::service(20)->export($board, (bool) $this->get_setting_value('userinfo'));
        } catch (\mod_fresque\local\fault $fault) {
            $this->log('mod_fresque: the wall is not in the backup', backup::LOG_WARNING, $fault->getMessage());
            return '';
        }
        return \mod_fresque\local\transfer::pack($wall, function (string $ref) use ($DB) {
            return (int) $DB->get_field('fresque_person', 'userid', ['ref' => $ref]);
        });
    }
}
