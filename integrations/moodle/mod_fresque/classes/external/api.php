<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * What both external functions need.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\external;

defined('MOODLE_INTERNAL') || die();

// Moodle 4.1 has these classes under other names.
if (!class_exists('core_external\external_api')) {
    global $CFG;
    require_once($CFG->libdir . '/externallib.php');
    foreach (['api', 'function_parameters', 'value', 'single_structure'] as $class) {
        if (!class_exists("core_external\\external_$class", false)) {
            class_alias("external_$class", "core_external\\external_$class");
        }
    }
}

/**
 * An external function about one activity.
 */
abstract class api extends \core_external\external_api {
    /**
     * What is given.
     *
     * @return \core_external\external_function_parameters
     */
    public static function execute_parameters() {
        return new \core_external\external_function_parameters([
            'cmid' => new \core_external\external_value(PARAM_INT, 'The course module of the activity'),
        ]);
    }

    /**
     * The activity, for somebody who may see it.
     *
     * @param int $cmid
     * @return array activity, course, cm, context
     */
    protected static function seen(int $cmid): array {
        global $CFG, $DB;
        require_once($CFG->dirroot . '/mod/fresque/lib.php');
        require_once($CFG->libdir . '/completionlib.php');
        $params = self::validate_parameters(static::execute_parameters(), ['cmid' => $cmid]);
        list($course, $cm) = get_course_and_cm_from_cmid($params['cmid'], 'fresque');
        $context = \context_module::instance($cm->id);
        self::validate_context($context);
        require_capability('mod/fresque:view', $context);
        return [$DB->get_record('fresque', ['id' => $cm->instance], '*', MUST_EXIST), $course, $cm, $context];
    }
}
