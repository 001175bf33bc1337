<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * The page of an activity.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

require(__DIR__ . '/../../config.php');
require_once($CFG->dirroot . '/mod/fresque/lib.php');
require_once($CFG->libdir . '/completionlib.php');

$id = optional_param('id', 0, PARAM_INT);
$f = optional_param('f', 0, PARAM_INT);
list($course, $cm) = $id ? get_course_and_cm_from_cmid($id, 'fresque') : get_course_and_cm_from_instance($f, 'fresque');
$activity = $DB->get_record('fresque', ['id' => $cm->instance], '*', MUST_EXIST);

require_login($course, true, $cm);
$context = context_module::instance($cm->id);
require_capability('mod/fresque:view', $context);

$url = new moodle_url('/mod/fresque/view.php', ['id' => $cm->id]);
$PAGE->set_url($url);
$PAGE->set_title($course->shortname . ': ' . $activity->name);
$PAGE->set_heading($course->fullname);
$PAGE->set_activity_record($activity);
$PAGE->set_cacheable(false);
$PAGE->add_body_class('mod_fresque-wide');

fresque_view($activity, $course, $cm, $context);

// The ticket first: it may take a moment, and what it says decides on the page.
$page = \mod_fresque\local\visit::of($activity, $course, $cm, $context)->page();

echo $OUTPUT->header();
if ($page['template'] === 'mod_fresque/view') {
    groups_print_activity_menu($cm, $url);
    $PAGE->requires->js_call_amd('mod_fresque/frame', 'init', [$page['data']['frame'], $page['data']['origin'], $page['data']['language']]);
}
echo $OUTPUT->render_from_template($page['template'], $page['data']);
echo $OUTPUT->footer();
