<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * People, as the service knows them, and what it says of them.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\local;

/**
 * References of people, and what they did on the walls.
 */
class people {
    /** What is counted. */
    const COUNTS = ['posts', 'comments', 'peers', 'words', 'reactions'];

    /**
     * The reference of somebody, noted so that they are found again by it.
     *
     * @param int $userid
     * @return string
     */
    public static function reference(int $userid): string {
        global $DB;
        $ref = reference::person(site::secret(), $userid);
        if (!$DB->record_exists('fresque_person', ['userid' => $userid])) {
            try {
                $DB->insert_record('fresque_person', (object) ['userid' => $userid, 'ref' => $ref, 'timecreated' => time()]);
            } catch (\dml_write_exception $e) {
                // Another request has just noted them.
                if (!$DB->record_exists('fresque_person', ['userid' => $userid])) {
                    throw $e;
                }
            }
        }
        return $ref;
    }

    /**
     * Notes that the service is told of somebody on a wall, so that privacy requests find them.
     *
     * @param \stdClass $activity
     * @param int $userid
     */
    public static function comes(\stdClass $activity, int $userid): void {
        global $DB;
        $at = ['fresqueid' => $activity->id, 'userid' => $userid];
        if (!$DB->record_exists('fresque_participation', $at)) {
            self::put((object) ($at + ['changedat' => '', 'timemodified' => time()]));
        }
    }

    /**
     * Takes what the service says of one person on one wall. What is older than what is
     * known changes nothing, so that it may come twice, and late.
     *
     * @param \stdClass $activity
     * @param array $told a participant, as the service tells them
     * @return bool whether anything is new
     */
    public static function take(\stdClass $activity, array $told): bool {
        global $DB;
        $userid = (int) $DB->get_field('fresque_person', 'userid', ['ref' => (string) ($told['user'] ?? '')]);
        if (!$userid) {
            return false;
        }
        $at = ['fresqueid' => $activity->id, 'userid' => $userid];
        $known = $DB->get_record('fresque_participation', $at);
        $changedat = (string) ($told['changedAt'] ?? '');
        $new = (object) ($at + ['changedat' => $changedat, 'timemodified' => time()]);
        foreach (self::COUNTS as $count) {
            $new->$count = max(0, (int) ($told[$count] ?? 0));
        }
        $new->sections = json_encode((object) rules::posts_by_section($activity, $told));
        if ($known && $known->changedat !== '') {
            $older = self::moment($changedat) <=> self::moment($known->changedat);
            // A rule that was changed tells more of what had been done before.
            if ($older < 0 || $older === 0 && $new->sections === $known->sections) {
                return false;
            }
        }
        self::put($new);
        self::apply($activity, $userid);
        return true;
    }

    /**
     * What is known of somebody on a wall.
     *
     * @param int $activityid
     * @param int $userid
     * @return \stdClass|null
     */
    public static function counts(int $activityid, int $userid): ?\stdClass {
        global $DB;
        return $DB->get_record('fresque_participation', ['fresqueid' => $activityid, 'userid' => $userid]) ?: null;
    }

    /**
     * Forgets what people did, and the references of those who are on no other wall.
     *
     * @param \stdClass $activity
     * @param int[]|null $userids null for all of them
     */
    public static function forget(\stdClass $activity, ?array $userids = null): void {
        global $DB;
        $userids = $userids ?? $DB->get_fieldset_select('fresque_participation', 'userid', 'fresqueid = ?', [$activity->id]);
        foreach (array_chunk($userids, 1000) as $some) {
            list($in, $params) = $DB->get_in_or_equal($some, SQL_PARAMS_NAMED);
            $DB->delete_records_select('fresque_participation', "fresqueid = :fresqueid AND userid $in", ['fresqueid' => $activity->id] + $params);
            $DB->delete_records_select('fresque_person', "userid $in AND userid NOT IN (SELECT userid FROM {fresque_participation})", $params);
        }
    }

    /**
     * Lets completion and grades follow.
     *
     * @param \stdClass $activity
     * @param int $userid
     */
    private static function apply(\stdClass $activity, int $userid): void {
        global $CFG;
        require_once($CFG->dirroot . '/mod/fresque/lib.php');
        require_once($CFG->libdir . '/completionlib.php');
        if (!$there = walls::module($activity)) {
            return;
        }
        list($course, $cm) = $there;
        if ($activity->gradeby != rules::GRADE_NONE) {
            fresque_update_grades($activity, $userid);
        }
        $completion = new \completion_info($course);
        if ($completion->is_enabled($cm) == COMPLETION_TRACKING_AUTOMATIC && rules::of($activity)) {
            $completion->update_state($cm, COMPLETION_UNKNOWN, $userid);
        }
    }

    /**
     * Puts a row, whether there is one or not.
     *
     * @param \stdClass $row
     */
    private static function put(\stdClass $row): void {
        global $DB;
        $at = ['fresqueid' => $row->fresqueid, 'userid' => $row->userid];
        $id = $DB->get_field('fresque_participation', 'id', $at);
        if (!$id) {
            try {
                $DB->insert_record('fresque_participation', $row);
                return;
            } catch (\dml_write_exception $e) {
                $id = $DB->get_field('fresque_participation', 'id', $at, MUST_EXIST);
            }
        }
        $row->id = $id;
        $DB->update_record('fresque_participation', $row);
    }

    /**
     * A moment to compare with others, in seconds and their parts.
     *
     * @param string $rfc3339
     * @return float
     */
    private static function moment(string $rfc3339): float {
        try {
            return (float) (new \DateTime($rfc3339))->format('U.u');
        } catch (\Exception $e) {
            return 0.0;
        }
    }
}
