<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * The activities of a course.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

require(__DIR__ . '/../../config.php');

$course = get_course(required_param('id', PARAM_INT));
require_course_login($course);
$PAGE->set_url('/mod/fresque/index.php', ['id' => $course->id]);
$PAGE->set_pagelayout('incourse');
$name = get_string('modulenameplural', 'mod_fresque');
$PAGE->set_title("$course->shortname: $name");
$PAGE->set_heading($course->fullname);
$PAGE->navbar->add($name);

$event = \mod_fresque\event\course_module_instance_list_viewed::create(['context' => context_course::instance($course->id)]);
$event->add_record_snapshot('course', $course);
$event->trigger();

echo $OUTPUT->header();
echo $OUTPUT->heading($name);
$activities = get_all_instances_in_course('fresque', $course);
if (!$activities) {
    notice(get_string('thereareno', 'moodle', $name), new moodle_url('/course/view.php', ['id' => $course->id]));
}
$table = new html_table();
$table->head = [get_string('name'), get_string('description')];
foreach ($activities as $activity) {
    $link = html_writer::link(
        new moodle_url('/mod/fresque/view.php', ['id' => $activity->coursemodule]),
        format_string($activity->name),
        $activity->visible ? [] : ['class' => 'dimmed']
    );
    $table->data[] = [$link, format_module_intro('fresque', $activity, $activity->coursemodule)];
}
echo html_writer::table($table);
echo $OUTPUT->footer();
