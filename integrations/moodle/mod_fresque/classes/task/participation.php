<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * Asks the service what people did.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\task;

use mod_fresque\local\fault;
use mod_fresque\local\site;
use mod_fresque\local\walls;

/**
 * Asks for what people did on the walls: what webhooks have told already, and what they
 * may have missed.
 */
class participation extends \core\task\scheduled_task {
    /** How long one run may go on, in seconds. */
    const BUDGET = 240;

    /**
     * What the task is called.
     *
     * @return string
     */
    public function get_name() {
        return get_string('taskparticipation', 'mod_fresque');
    }

    /**
     * Asks, beginning with the walls that were asked of longest ago.
     */
    public function execute() {
        global $DB;
        if (!site::is_connected()) {
            return;
        }
        $end = time() + self::BUDGET;
        $activities = $DB->get_recordset_select('fresque', "board <> ''", [], 'timeasked ASC, id ASC');
        foreach ($activities as $activity) {
            try {
                walls::participation($activity);
            } catch (fault $fault) {
                mtrace("mod_fresque: participation of $activity->id: " . $fault->getMessage());
                if ($fault->may_pass()) {
                    break;
                }
                // It is this wall's alone, as when it is gone: the others go on.
                $DB->set_field('fresque', 'timeasked', time(), ['id' => $activity->id]);
            }
            if (time() > $end) {
                break;
            }
        }
        $activities->close();
    }
}
