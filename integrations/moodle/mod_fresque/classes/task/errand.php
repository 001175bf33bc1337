<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * An errand to the service, in the background.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\task;

use mod_fresque\local\errands;

/**
 * Does one errand.
 */
class errand extends \core\task\adhoc_task {
    /**
     * Does it. One that fails is queued anew by itself, so that Moodle does not count it
     * among the failed tasks, which it gives up after a while.
     */
    public function execute() {
        $data = json_decode($this->get_custom_data_as_string(), true);
        errands::try_again($data['what'], $data['about'], (int) $data['tries']);
    }
}
