<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * The walls of the activities.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\local;

/**
 * Keeps the wall of each activity as the activity says: made, changed, copied, emptied.
 */
class walls {
    /**
     * Makes the wall of an activity when it has none yet.
     *
     * @param \stdClass $activity
     * @param int $patience seconds
     * @return string the id of the board
     */
    public static function make(\stdClass $activity, int $patience = service::PATIENCE): string {
        global $DB;
        if ($activity->board !== '') {
            return $activity->board;
        }
        $service = site::service($patience);
        $told = self::told($activity);
        $board = '';
        if ($activity->source !== '') {
            $board = self::copy($service, $activity, $told);
        }
        if ($board === '' && !empty($activity->transfer)) {
            $board = $service->import($activity->transfer, $told['externalId'], $told['title'], $activity->requestkey . '-import');
        }
        if ($board !== '' && !empty($activity->completionsections)) {
            $activity->completionsections = rules::sections_on_copy($activity->completionsections, $service->board($board)['board']);
        }
        if ($board === '') {
            // Rules about sections of a wall that is gone are about nothing here.
            $activity->completionsections = '';
            $told = self::told($activity);
            $new = $told + ['language' => site::language()];
            if ($activity->template !== '') {
                $new['template'] = $activity->template;
            }
            $board = $service->make($new, $activity->requestkey);
            $activity->sent = json_encode($told);
        }
        $activity->board = $board;
        $activity->problem = '';
        $DB->update_record('fresque', (object) [
            'id' => $activity->id, 'board' => $board, 'sent' => $activity->sent, 'problem' => '', 'transfer' => null,
            'completionsections' => $activity->completionsections ?? '',
        ]);
        self::change($activity, $patience);
        return $board;
    }

    /**
     * Tells the service what has changed of an activity.
     *
     * @param \stdClass $activity
     * @param int $patience
     */
    public static function change(\stdClass $activity, int $patience = service::PATIENCE): void {
        global $DB;
        $told = self::told($activity);
        $before = json_decode((string) $activity->sent, true) ?: [];
        $changes = wall::changes($before, $told);
        if (!$changes || $activity->board === '') {
            return;
        }
        site::service($patience)->change($activity->board, $changes);
        $activity->sent = json_encode($told);
        $DB->set_field('fresque', 'sent', $activity->sent, ['id' => $activity->id]);
    }

    /**
     * Tells who is in which group of an activity that minds groups.
     *
     * @param \stdClass $activity
     */
    public static function members(\stdClass $activity): void {
        if (!$there = self::module($activity)) {
            return;
        }
        list($course, $cm) = $there;
        if ($activity->board === '' || groups_get_activity_groupmode($cm, $course) == NOGROUPS) {
            return;
        }
        $context = \context_module::instance($cm->id);
        $groups = [];
        $of = [];
        foreach (self::groups($course->id, $cm->groupingid) as $group) {
            $groups[] = ['ref' => reference::group($group->id), 'name' => format_string($group->name, true, ['context' => $context])];
            foreach (groups_get_members($group->id, 'u.id') as $member) {
                $of[$member->id][] = reference::group($group->id);
            }
        }
        $members = [];
        foreach (get_enrolled_users($context, 'mod/fresque:view', 0, 'u.*', null, 0, 0, true) as $user) {
            people::comes($activity, $user->id);
            $members[] = array_filter(['user' => people::reference($user->id), 'name' => site::name_of($user)]) + ['groups' => $of[$user->id] ?? []];
        }
        site::service(service::LONG_PATIENCE)->members($activity->board, $groups, $members);
    }

    /**
     * The course and the course module of an activity; null for one that has none, as what a
     * restore or a deletion that broke off has left.
     *
     * @param \stdClass $activity
     * @return array|null
     */
    public static function module(\stdClass $activity): ?array {
        $cm = get_coursemodule_from_instance('fresque', $activity->id, $activity->course);
        return $cm ? get_course_and_cm_from_cmid($cm->id, 'fresque') : null;
    }

    /**
     * The groups of an activity, as its menu has them: without those that a course has for
     * other things (Moodle 4.2 on), of which nobody else is to know.
     *
     * @param int $courseid
     * @param int $groupingid
     * @param int $userid 0 for everybody's
     * @return \stdClass[] by their id
     */
    public static function groups(int $courseid, int $groupingid, int $userid = 0): array {
        return groups_get_all_groups($courseid, $userid, $groupingid, 'g.*', false, true);
    }

    /**
     * Takes what the service says of all that has changed on a wall since it was asked last.
     *
     * @param \stdClass $activity
     * @return int how many people
     */
    public static function participation(\stdClass $activity): int {
        global $DB;
        if ($activity->board === '') {
            return 0;
        }
        $service = site::service(service::LONG_PATIENCE);
        $cursor = '';
        $taken = 0;
        do {
            $page = $service->participation($activity->board, (string) $activity->since, $cursor);
            foreach ($page['participants'] ?? [] as $told) {
                $taken += (int) people::take($activity, $told);
            }
            $now = (string) ($page['now'] ?? '');
            $cursor = (string) ($page['next'] ?? '');
        } while ($cursor !== '');
        $DB->update_record('fresque', (object) ['id' => $activity->id, 'since' => $now, 'timeasked' => time()]);
        return $taken;
    }

    /**
     * Makes the wall of a restored or duplicated activity out of the original's, where that is
     * still there.
     *
     * @param service $service
     * @param \stdClass $activity
     * @param array $told
     * @return string the id of the board; empty for none
     */
    private static function copy(service $service, \stdClass $activity, array $told): string {
        try {
            return $service->copy($activity->source, [
                'externalId' => $told['externalId'],
                'title' => $told['title'],
                'language' => site::language(),
                'contributions' => (bool) $activity->sourceposts,
            ], $activity->requestkey . '-copy');
        } catch (fault $fault) {
            if (!$fault->is_gone()) {
                throw $fault;
            }
            return '';
        }
    }

    /**
     * What the service is told of an activity.
     *
     * @param \stdClass $activity
     * @return array
     */
    private static function told(\stdClass $activity): array {
        global $DB;
        $sql = "SELECT cm.id, cm.groupmode, c.groupmode AS coursegroupmode, c.groupmodeforce
                  FROM {course_modules} cm
                  JOIN {modules} m ON m.id = cm.module AND m.name = 'fresque'
                  JOIN {course} c ON c.id = cm.course
                 WHERE cm.course = :course AND (cm.instance = :instance OR cm.id = :cmid)";
        // While an activity is being made its course module does not point to it yet.
        $cmid = $activity->coursemodule ?? 0;
        $cm = $DB->get_record_sql($sql, ['course' => $activity->course, 'instance' => $activity->id, 'cmid' => $cmid], IGNORE_MULTIPLE);
        $groupmode = $cm ? (int) ($cm->groupmodeforce ? $cm->coursegroupmode : $cm->groupmode) : NOGROUPS;
        return wall::told($activity, 'cm-' . ($cm->id ?? 0), wall::plain((string) $activity->intro), $groupmode);
    }
}
