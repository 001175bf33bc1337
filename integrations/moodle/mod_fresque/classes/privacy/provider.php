<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * What is kept of people, here and at the service.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\privacy;

use core_privacy\local\metadata\collection;
use core_privacy\local\request\approved_contextlist;
use core_privacy\local\request\approved_userlist;
use core_privacy\local\request\contextlist;
use core_privacy\local\request\helper;
use core_privacy\local\request\userlist;
use core_privacy\local\request\writer;
use mod_fresque\local\errands;
use mod_fresque\local\fault;
use mod_fresque\local\people;
use mod_fresque\local\reference;
use mod_fresque\local\service;
use mod_fresque\local\site;

/**
 * Exports and deletes what people have left, at the service too.
 */
class provider implements
    \core_privacy\local\metadata\provider,
    \core_privacy\local\request\core_userlist_provider,
    \core_privacy\local\request\plugin\provider {
    /**
     * What is kept, and where.
     *
     * @param collection $collection
     * @return collection
     */
    public static function get_metadata(collection $collection): collection {
        foreach (['fresque_person' => ['userid', 'ref', 'timecreated'], 'fresque_participation' => array_merge(['userid'], people::COUNTS, ['sections', 'changedat'])] as $table => $fields) {
            $of = [];
            foreach ($fields as $field) {
                $of[$field] = "privacy:metadata:$table:$field";
            }
            $collection->add_database_table($table, $of, "privacy:metadata:$table");
        }
        $sent = [];
        foreach (['reference', 'name', 'role', 'groups', 'contributions'] as $field) {
            $sent[$field] = "privacy:metadata:service:$field";
        }
        $collection->add_external_location_link('fresque', $sent, 'privacy:metadata:service');
        return $collection;
    }

    /**
     * The activities on whose walls somebody was.
     *
     * @param int $userid
     * @return contextlist
     */
    public static function get_contexts_for_userid(int $userid): contextlist {
        $list = new contextlist();
        $list->add_from_sql(
            "SELECT x.id
               FROM {context} x
               JOIN {course_modules} cm ON cm.id = x.instanceid AND x.contextlevel = :level
               JOIN {modules} m ON m.id = cm.module AND m.name = 'fresque'
               JOIN {fresque_participation} p ON p.fresqueid = cm.instance
              WHERE p.userid = :userid",
            ['level' => CONTEXT_MODULE, 'userid' => $userid]
        );
        return $list;
    }

    /**
     * Who was on the wall of an activity.
     *
     * @param userlist $userlist
     */
    public static function get_users_in_context(userlist $userlist) {
        if (!$userlist->get_context() instanceof \context_module) {
            return;
        }
        $userlist->add_from_sql(
            'userid',
            "SELECT p.userid
               FROM {course_modules} cm
               JOIN {modules} m ON m.id = cm.module AND m.name = 'fresque'
               JOIN {fresque_participation} p ON p.fresqueid = cm.instance
              WHERE cm.id = :cmid",
            ['cmid' => $userlist->get_context()->instanceid]
        );
    }

    /**
     * Gives somebody what is kept of them.
     *
     * @param approved_contextlist $contextlist
     */
    public static function export_user_data(approved_contextlist $contextlist) {
        $user = $contextlist->get_user();
        $all = null;
        foreach ($contextlist->get_contexts() as $context) {
            $activity = self::activity_in($context);
            if (!$activity) {
                continue;
            }
            $all = $all ?? self::at_service($user->id);
            $counts = people::counts($activity->id, $user->id);
            $data = helper::get_context_data($context, $user);
            if ($counts) {
                $data->counts = (object) array_intersect_key((array) $counts, array_flip(array_merge(people::COUNTS, ['sections', 'changedat'])));
            }
            if (isset($all['away'])) {
                $data->wall = get_string('privacy:away', 'mod_fresque');
            }
            writer::with_context($context)->export_data([], $data);
            helper::export_context_files($context, $user);
            $left = self::on_board($all, $activity->board);
            if ($left) {
                writer::with_context($context)->export_data([get_string('privacy:wall', 'mod_fresque')], (object) $left);
            }
        }
    }

    /**
     * Deletes what everybody has left on a wall.
     *
     * @param \context $context
     */
    public static function delete_data_for_all_users_in_context(\context $context) {
        global $DB;
        $activity = self::activity_in($context);
        if ($activity) {
            self::erase($activity, $DB->get_fieldset_select('fresque_participation', 'userid', 'fresqueid = ?', [$activity->id]));
            if ($activity->board !== '') {
                errands::now_or_later('reset', ['board' => $activity->board, 'contributions' => true, 'groups' => false]);
            }
        }
    }

    /**
     * Deletes what somebody has left on some walls.
     *
     * @param approved_contextlist $contextlist
     */
    public static function delete_data_for_user(approved_contextlist $contextlist) {
        foreach ($contextlist->get_contexts() as $context) {
            if ($activity = self::activity_in($context)) {
                self::erase($activity, [$contextlist->get_user()->id]);
            }
        }
    }

    /**
     * Deletes what some people have left on a wall.
     *
     * @param approved_userlist $userlist
     */
    public static function delete_data_for_users(approved_userlist $userlist) {
        if ($activity = self::activity_in($userlist->get_context())) {
            self::erase($activity, $userlist->get_userids());
        }
    }

    /**
     * Has the service erase people from a wall, now or when it is back, and forgets them here.
     *
     * @param \stdClass $activity
     * @param int[] $userids
     */
    private static function erase(\stdClass $activity, array $userids): void {
        if (!$userids) {
            return;
        }
        if ($activity->board !== '') {
            $refs = array_map(function ($userid) {
                return reference::person(site::secret(), (int) $userid);
            }, array_values($userids));
            foreach (array_chunk($refs, 100) as $some) {
                errands::now_or_later('erase', ['people' => $some, 'board' => $activity->board]);
            }
        }
        people::forget($activity, $userids);
    }

    /**
     * The activity of a context; null for another context.
     *
     * @param \context $context
     * @return \stdClass|null
     */
    private static function activity_in(\context $context): ?\stdClass {
        global $DB;
        if (!$context instanceof \context_module) {
            return null;
        }
        $cm = get_coursemodule_from_id('fresque', $context->instanceid);
        return $cm ? ($DB->get_record('fresque', ['id' => $cm->instance]) ?: null) : null;
    }

    /**
     * All that the service has of somebody; the member away says that it did not answer.
     *
     * @param int $userid
     * @return array
     */
    private static function at_service(int $userid): array {
        try {
            return site::service(service::LONG_PATIENCE)->all_of(reference::person(site::secret(), $userid));
        } catch (fault $fault) {
            return ['away' => $fault->reason];
        }
    }

    /**
     * What of it is on one board.
     *
     * @param array $all
     * @param string $board
     * @return array
     */
    private static function on_board(array $all, string $board): array {
        foreach ($all['boards'] ?? [] as $one) {
            $id = $one['board']['id'] ?? $one['board'] ?? $one['id'] ?? '';
            if ($id === $board && $board !== '') {
                return $one;
            }
        }
        return [];
    }
}
