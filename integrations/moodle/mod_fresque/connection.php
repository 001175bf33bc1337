<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * Tells whether the service can be reached, and what mends it.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

require(__DIR__ . '/../../config.php');
require_once($CFG->libdir . '/adminlib.php');

use mod_fresque\local\connection;
use mod_fresque\local\site;

$context = context_system::instance();
require_login();
require_capability('moodle/site:config', $context);
$url = new moodle_url('/mod/fresque/connection.php');
$PAGE->set_context($context);
$PAGE->set_url($url);
$PAGE->set_pagelayout('admin');
$PAGE->set_title(get_string('connectiontest', 'mod_fresque'));
$PAGE->set_heading(get_string('connectiontest', 'mod_fresque'));

if (optional_param('newkey', 0, PARAM_BOOL)) {
    require_sesskey();
    site::rotate();
    redirect($url, get_string('newkeydone', 'mod_fresque'));
}

// A new key is tried at once only when the list of findings says so, so the page is made first.
$data = connection::check();
$data['settings'] = (new moodle_url('/admin/settings.php', ['section' => 'modsettingfresque']))->out(false);
$data['again'] = $url->out(false);
$data['newkey'] = (new moodle_url($url, ['newkey' => 1, 'sesskey' => sesskey()]))->out(false);

echo $OUTPUT->header();
echo $OUTPUT->render_from_template('mod_fresque/connection', $data);
echo $OUTPUT->footer();
