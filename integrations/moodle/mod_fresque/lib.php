<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * What Moodle asks of every activity.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

use mod_fresque\local\errands;
use mod_fresque\local\people;
use mod_fresque\local\rules;
use mod_fresque\local\wall;

/**
 * What the activity can do.
 *
 * @param string $feature FEATURE_…
 * @return mixed null for what it does not know
 */
function fresque_supports($feature) {
    switch ($feature) {
        case FEATURE_GROUPS:
        case FEATURE_GROUPINGS:
        case FEATURE_MOD_INTRO:
        case FEATURE_SHOW_DESCRIPTION:
        case FEATURE_COMPLETION_TRACKS_VIEWS:
        case FEATURE_COMPLETION_HAS_RULES:
        case FEATURE_GRADE_HAS_GRADE:
        case FEATURE_BACKUP_MOODLE2:
            return true;
        case FEATURE_GRADE_OUTCOMES:
            return false;
        case FEATURE_MOD_PURPOSE:
            return MOD_PURPOSE_COLLABORATION;
        default:
            return null;
    }
}

/**
 * Makes an activity, and its wall. Where the service is away the wall is made later.
 *
 * @param stdClass $data
 * @param mod_fresque_mod_form|null $mform
 * @return int its id
 */
function fresque_add_instance($data, $mform = null) {
    global $DB;
    $activity = fresque_normal($data);
    $activity->template = in_array($data->template ?? '', wall::TEMPLATES, true) ? $data->template : '';
    $activity->requestkey = 'moodle-' . bin2hex(random_bytes(16));
    $activity->board = $activity->source = $activity->problem = $activity->since = '';
    $activity->sent = '';
    $activity->transfer = null;
    $activity->timecreated = $activity->timemodified;
    $activity->id = $DB->insert_record('fresque', $activity);
    $cmid = (int) ($data->coursemodule ?? 0);
    errands::now_or_later('make', ['activity' => (int) $activity->id, 'cm' => $cmid]);
    fresque_grade_item_update($activity);
    if ($cmid) {
        \core_completion\api::update_completion_date_event($cmid, 'fresque', $activity->id, $data->completionexpected ?? null);
    }
    return $activity->id;
}

/**
 * Changes an activity. The service is told by the observer of course_module_updated, which
 * comes after this.
 *
 * @param stdClass $data
 * @param mod_fresque_mod_form|null $mform
 * @return bool
 */
function fresque_update_instance($data, $mform = null) {
    global $DB;
    $activity = fresque_normal($data);
    $activity->id = $data->instance;
    $DB->update_record('fresque', $activity);
    $activity = $DB->get_record('fresque', ['id' => $activity->id], '*', MUST_EXIST);
    fresque_grade_item_update($activity);
    fresque_update_grades($activity);
    \core_completion\api::update_completion_date_event($data->coursemodule, 'fresque', $activity->id, $data->completionexpected ?? null);
    return true;
}

/**
 * The columns of an activity out of what its form gives.
 *
 * @param stdClass $data
 * @return stdClass
 */
function fresque_normal(stdClass $data): stdClass {
    $activity = clone $data;
    unset($activity->id, $activity->template, $activity->board, $activity->sent);
    foreach (wall::CHOICES as $name => $among) {
        if (isset($activity->$name) && !in_array($activity->$name, $among, true)) {
            unset($activity->$name);
        }
    }
    $activity->grade = (int) ($data->grade ?? 0);
    $activity->gradeby = $activity->grade ? (int) ($data->gradeby ?? rules::GRADE_SHARE) : rules::GRADE_NONE;
    $activity->timemodified = time();
    return $activity;
}

/**
 * Deletes an activity; its wall goes to the service's trash.
 *
 * @param int $id
 * @return bool
 */
function fresque_delete_instance($id) {
    global $DB;
    $activity = $DB->get_record('fresque', ['id' => $id]);
    if (!$activity) {
        return false;
    }
    fresque_grade_item_delete($activity);
    people::forget($activity);
    $DB->delete_records('fresque', ['id' => $id]);
    if ($activity->board !== '') {
        errands::later('remove', ['board' => $activity->board]);
    }
    return true;
}

/**
 * What the course page needs to know of an activity.
 *
 * @param stdClass $coursemodule
 * @return cached_cm_info|false
 */
function fresque_get_coursemodule_info($coursemodule) {
    global $DB;
    $activity = $DB->get_record('fresque', ['id' => $coursemodule->instance]);
    if (!$activity) {
        return false;
    }
    $info = new cached_cm_info();
    $info->name = $activity->name;
    if ($coursemodule->showdescription) {
        $info->content = format_module_intro('fresque', $activity, $coursemodule->id, false);
    }
    if ($coursemodule->completion == COMPLETION_TRACKING_AUTOMATIC) {
        foreach (rules::fields() as $field) {
            $info->customdata['customcompletionrules'][$field] = $activity->$field;
        }
    }
    return $info;
}

/**
 * What somebody has to do, in words.
 *
 * @param cm_info|stdClass $cm
 * @return string[]
 */
function mod_fresque_get_completion_active_rule_descriptions($cm) {
    $rules = $cm->customdata['customcompletionrules'] ?? [];
    if ($cm->completion != COMPLETION_TRACKING_AUTOMATIC || !is_array($rules)) {
        return [];
    }
    $words = [];
    foreach (array_filter($rules) as $field => $asked) {
        $words[] = \mod_fresque\completion\custom_completion::in_words($field, $asked);
    }
    return $words;
}

/**
 * Notes that somebody looked at the activity.
 *
 * @param stdClass $activity
 * @param stdClass $course
 * @param stdClass|cm_info $cm
 * @param context $context
 */
function fresque_view($activity, $course, $cm, $context) {
    $event = \mod_fresque\event\course_module_viewed::create(['context' => $context, 'objectid' => $activity->id]);
    $event->add_record_snapshot('course_modules', $cm instanceof cm_info ? $cm->get_course_module_record() : $cm);
    $event->add_record_snapshot('course', $course);
    $event->add_record_snapshot('fresque', $activity);
    $event->trigger();
    (new completion_info($course))->set_module_viewed($cm);
}

/**
 * Makes or changes the grade item of an activity.
 *
 * @param stdClass $activity
 * @param stdClass|array|string|null $grades
 * @return int
 */
function fresque_grade_item_update($activity, $grades = null) {
    global $CFG;
    require_once($CFG->libdir . '/gradelib.php');
    $item = ['itemname' => clean_param($activity->name, PARAM_NOTAGS), 'gradetype' => GRADE_TYPE_NONE];
    if (isset($activity->cmidnumber)) {
        $item['idnumber'] = $activity->cmidnumber;
    }
    if ($activity->grade > 0) {
        $item = ['gradetype' => GRADE_TYPE_VALUE, 'grademax' => $activity->grade, 'grademin' => 0] + $item;
    } else if ($activity->grade < 0) {
        $item = ['gradetype' => GRADE_TYPE_SCALE, 'scaleid' => -$activity->grade] + $item;
    }
    if ($grades === 'reset') {
        $item['reset'] = true;
        $grades = null;
    }
    return grade_update('mod/fresque', $activity->course, 'mod', 'fresque', $activity->id, 0, $grades, $item);
}

/**
 * Deletes the grade item of an activity.
 *
 * @param stdClass $activity
 * @return int
 */
function fresque_grade_item_delete($activity) {
    global $CFG;
    require_once($CFG->libdir . '/gradelib.php');
    return grade_update('mod/fresque', $activity->course, 'mod', 'fresque', $activity->id, 0, null, ['deleted' => 1]);
}

/**
 * The grades that people have earned.
 *
 * @param stdClass $activity
 * @param int $userid 0 for everybody
 * @return stdClass[] by user
 */
function fresque_get_user_grades($activity, $userid = 0) {
    global $DB;
    $steps = 0;
    if ($activity->grade < 0 && $scale = $DB->get_field('scale', 'scale', ['id' => -$activity->grade])) {
        $steps = count(explode(',', $scale));
    }
    $grades = [];
    $of = ['fresqueid' => $activity->id] + ($userid ? ['userid' => $userid] : []);
    foreach ($DB->get_records('fresque_participation', $of) as $counts) {
        $earned = rules::earned($activity, $counts);
        $grades[$counts->userid] = (object) [
            'userid' => (int) $counts->userid,
            'rawgrade' => rules::grade($earned, (int) $activity->grade, $steps),
        ];
    }
    return $grades;
}

/**
 * Puts grades into the gradebook.
 *
 * @param stdClass $activity
 * @param int $userid 0 for everybody
 * @param bool $nullifnone
 */
function fresque_update_grades($activity, $userid = 0, $nullifnone = true) {
    $grades = $activity->grade ? fresque_get_user_grades($activity, $userid) : [];
    if (!$grades && $userid && $nullifnone) {
        $grades = [$userid => (object) ['userid' => $userid, 'rawgrade' => null]];
    }
    fresque_grade_item_update($activity, $grades ?: null);
}

/**
 * What of the activities may be emptied when a course begins anew.
 *
 * @param MoodleQuickForm $mform
 */
function fresque_reset_course_form_definition(&$mform) {
    $mform->addElement('header', 'fresqueheader', get_string('modulenameplural', 'mod_fresque'));
    $mform->addElement('advcheckbox', 'reset_fresque_contributions', get_string('resetcontributions', 'mod_fresque'));
    $mform->addElement('advcheckbox', 'reset_fresque_groups', get_string('resetgroups', 'mod_fresque'));
}

/**
 * What is chosen at first.
 *
 * @param stdClass $course
 * @return array
 */
function fresque_reset_course_form_defaults($course) {
    return ['reset_fresque_contributions' => 1, 'reset_fresque_groups' => 0];
}

/**
 * Takes the grades of a course back.
 *
 * @param int $courseid
 * @param string $type
 */
function fresque_reset_gradebook($courseid, $type = '') {
    global $DB;
    foreach ($DB->get_records('fresque', ['course' => $courseid]) as $activity) {
        fresque_grade_item_update($activity, 'reset');
    }
}

/**
 * Empties the walls of a course.
 *
 * @param stdClass $data
 * @return array[]
 */
function fresque_reset_userdata($data) {
    global $DB;
    $contributions = !empty($data->reset_fresque_contributions);
    $groups = !empty($data->reset_fresque_groups);
    if (!$contributions && !$groups) {
        return [];
    }
    $status = [];
    foreach ($DB->get_records('fresque', ['course' => $data->courseid]) as $activity) {
        $done = true;
        if ($activity->board !== '') {
            $about = ['board' => $activity->board, 'contributions' => $contributions, 'groups' => $groups];
            $done = errands::now_or_later('reset', $about);
        }
        if ($contributions) {
            people::forget($activity);
            if (!$groups && $activity->board !== '') {
                // Who is in groups is known to the service still.
                errands::later('members', ['activity' => (int) $activity->id]);
            }
        }
        $status[] = [
            'component' => get_string('modulenameplural', 'mod_fresque'),
            'item' => format_string($activity->name) . ': ' . get_string($done ? 'resetdone' : 'resetlater', 'mod_fresque'),
            'error' => false,
        ];
    }
    if ($contributions && empty($data->reset_gradebook_grades)) {
        fresque_reset_gradebook($data->courseid);
    }
    return $status;
}

/**
 * What can be done about an event of the calendar.
 *
 * @param calendar_event $event
 * @param \core_calendar\action_factory $factory
 * @param int $userid
 * @return \core_calendar\local\event\entities\action_interface|null
 */
function mod_fresque_core_calendar_provide_event_action(
    calendar_event $event,
    \core_calendar\action_factory $factory,
    $userid = 0
) {
    global $USER;
    $userid = $userid ?: $USER->id;
    $cm = get_fast_modinfo($event->courseid, $userid)->instances['fresque'][$event->instance] ?? null;
    if (!$cm || !$cm->uservisible) {
        return null;
    }
    $done = (new completion_info($cm->get_course()))->get_data($cm, false, $userid);
    if ($done->completionstate != COMPLETION_INCOMPLETE) {
        return null;
    }
    return $factory->create_instance(get_string('open', 'mod_fresque'), new moodle_url('/mod/fresque/view.php', ['id' => $cm->id]), 1, true);
}
