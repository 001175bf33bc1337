<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * Opens a wall in a page of its own.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

require(__DIR__ . '/../../config.php');
require_once($CFG->dirroot . '/mod/fresque/lib.php');
require_once($CFG->libdir . '/completionlib.php');

$id = required_param('id', PARAM_INT);
list($course, $cm) = get_course_and_cm_from_cmid($id, 'fresque');
$activity = $DB->get_record('fresque', ['id' => $cm->instance], '*', MUST_EXIST);

require_login($course, true, $cm);
$context = context_module::instance($cm->id);
require_capability('mod/fresque:view', $context);
$PAGE->set_url('/mod/fresque/open.php', ['id' => $cm->id]);

try {
    $ticket = \mod_fresque\local\visit::of($activity, $course, $cm, $context)->ticket(false);
} catch (\mod_fresque\local\fault $fault) {
    // The activity's page tells what is wrong.
    redirect(new moodle_url('/mod/fresque/view.php', ['id' => $cm->id]));
}
fresque_view($activity, $course, $cm, $context);
header('Cache-Control: no-store');
header('Referrer-Policy: no-referrer');
// The address has the ticket in its fragment, which Moodle's redirect() would put into a page.
header('Location: ' . $ticket['url'], true, 303);
