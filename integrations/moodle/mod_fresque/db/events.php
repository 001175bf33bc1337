<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * What the walls follow.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

$observers = [
    [
        'eventname' => '\core\event\course_module_updated',
        'callback' => 'mod_fresque\observer::module_changed',
    ],
    [
        'eventname' => '\core\event\course_updated',
        'callback' => 'mod_fresque\observer::course_changed',
    ],
    [
        'eventname' => '\core\event\group_created',
        'callback' => 'mod_fresque\observer::people_changed',
    ],
    [
        'eventname' => '\core\event\group_updated',
        'callback' => 'mod_fresque\observer::people_changed',
    ],
    [
        'eventname' => '\core\event\group_deleted',
        'callback' => 'mod_fresque\observer::people_changed',
    ],
    [
        'eventname' => '\core\event\group_member_added',
        'callback' => 'mod_fresque\observer::people_changed',
    ],
    [
        'eventname' => '\core\event\group_member_removed',
        'callback' => 'mod_fresque\observer::people_changed',
    ],
    [
        'eventname' => '\core\event\grouping_group_assigned',
        'callback' => 'mod_fresque\observer::people_changed',
    ],
    [
        'eventname' => '\core\event\grouping_group_unassigned',
        'callback' => 'mod_fresque\observer::people_changed',
    ],
    [
        'eventname' => '\core\event\grouping_deleted',
        'callback' => 'mod_fresque\observer::people_changed',
    ],
    [
        'eventname' => '\core\event\user_enrolment_created',
        'callback' => 'mod_fresque\observer::people_changed',
    ],
    [
        'eventname' => '\core\event\user_enrolment_updated',
        'callback' => 'mod_fresque\observer::people_changed',
    ],
    [
        'eventname' => '\core\event\user_enrolment_deleted',
        'callback' => 'mod_fresque\observer::people_changed',
    ],
    [
        'eventname' => '\core\event\role_assigned',
        'callback' => 'mod_fresque\observer::people_changed',
    ],
    [
        'eventname' => '\core\event\role_unassigned',
        'callback' => 'mod_fresque\observer::people_changed',
    ],
];
