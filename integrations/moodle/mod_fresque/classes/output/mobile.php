<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * The activity in the mobile app.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\output;

/**
 * What the app shows.
 */
class mobile {
    /**
     * The page of an activity. The wall opens in the browser: an app's page may not frame it.
     *
     * @param array $args
     * @return array
     */
    public static function course_view(array $args): array {
        global $DB, $OUTPUT;
        $cm = get_coursemodule_from_id('fresque', (int) $args['cmid'], 0, false, MUST_EXIST);
        require_login($cm->course, false, $cm, true, true);
        $context = \context_module::instance($cm->id);
        require_capability('mod/fresque:view', $context);
        $activity = $DB->get_record('fresque', ['id' => $cm->instance], '*', MUST_EXIST);
        $html = $OUTPUT->render_from_template('mod_fresque/mobile', [
            'cmid' => $cm->id,
            'courseid' => $cm->course,
            'intro' => format_module_intro('fresque', $activity, $cm->id),
            'url' => (new \moodle_url('/mod/fresque/open.php', ['id' => $cm->id]))->out(false),
        ]);
        return ['templates' => [['id' => 'main', 'html' => $html]], 'javascript' => '', 'otherdata' => '', 'files' => []];
    }
}
