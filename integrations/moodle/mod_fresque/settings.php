<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * The settings of the plugin.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

use mod_fresque\local\site;

if ($ADMIN->fulltree) {
    $check = html_writer::link(
        new moodle_url('/mod/fresque/connection.php'),
        get_string('connectiontest', 'mod_fresque'),
        ['class' => 'btn btn-secondary']
    );
    $settings->add(new admin_setting_heading(
        'mod_fresque/connection',
        get_string('connection', 'mod_fresque'),
        get_string('connection_desc', 'mod_fresque') . html_writer::tag('p', $check)
    ));
    $settings->add(new admin_setting_configtext(
        'mod_fresque/address',
        get_string('address', 'mod_fresque'),
        get_string('address_desc', 'mod_fresque'),
        '',
        PARAM_URL,
        50
    ));
    $settings->add(new admin_setting_configtext(
        'mod_fresque/platform',
        get_string('platform', 'mod_fresque'),
        get_string('platform_desc', 'mod_fresque'),
        '',
        '/^$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/',
        50
    ));
    $settings->add(new admin_setting_configpasswordunmask(
        'mod_fresque/webhooksecret',
        get_string('webhooksecret', 'mod_fresque'),
        get_string('webhooksecret_desc', 'mod_fresque'),
        ''
    ));
    $settings->add(new admin_setting_heading('mod_fresque/privacy', get_string('privacyheading', 'mod_fresque'), ''));
    $settings->add(new admin_setting_configselect(
        'mod_fresque/names',
        get_string('names', 'mod_fresque'),
        get_string('names_desc', 'mod_fresque'),
        site::NAME_NONE,
        [
            site::NAME_NONE => get_string('names_none', 'mod_fresque'),
            site::NAME_FIRST => get_string('names_first', 'mod_fresque'),
            site::NAME_FULL => get_string('names_full', 'mod_fresque'),
        ]
    ));
}
