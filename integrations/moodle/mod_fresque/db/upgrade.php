<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * Changes of the tables.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

/**
 * Brings the tables up to date.
 *
 * @param int $oldversion
 * @return bool
 */
function xmldb_fresque_upgrade($oldversion) {
    global $DB;
    $manager = $DB->get_manager();
    if ($oldversion < 2026112600) {
        foreach (['fresque' => 'completionsections', 'fresque_participation' => 'sections'] as $table => $name) {
            $field = new xmldb_field($name, XMLDB_TYPE_TEXT, null, null, null, null, null);
            if (!$manager->field_exists(new xmldb_table($table), $field)) {
                $manager->add_field(new xmldb_table($table), $field);
            }
        }
        upgrade_mod_savepoint(true, 2026112600, 'fresque');
    }
    return true;
}
