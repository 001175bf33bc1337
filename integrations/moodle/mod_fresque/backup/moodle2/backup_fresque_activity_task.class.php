<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * Backup of an activity.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

require_once($CFG->dirroot . '/mod/fresque/backup/moodle2/backup_fresque_stepslib.php');

/**
 * The backup of one activity.
 */
class backup_fresque_activity_task extends backup_activity_task {
    /**
     * There are no settings of its own.
     */
    protected function define_my_settings() {
    }

    /**
     * What is done.
     */
    protected function define_my_steps() {
        $this->add_step(new backup_fresque_activity_structure_step('fresque_structure', 'fresque.xml'));
    }

    /**
     * Makes links to activities independent of this site.
     *
     * @param string $content
     * @return string
     */
    public static function encode_content_links($content) {
        global $CFG;
        $base = preg_quote($CFG->wwwroot . '/mod/fresque', '/');
        $content = preg_replace("/$base\/index\.php\?id=([0-9]+)/", '$@FRESQUEINDEX*$1@$', $content);
        return preg_replace("/$base\/view\.php\?id=([0-9]+)/", '$@FRESQUEVIEWBYID*$1@$', $content);
    }
}
