<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * Somebody who comes to a wall.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\local;

/**
 * One person's visit of one activity.
 */
class visit {
    /** @var \stdClass */
    private $activity;
    /** @var \stdClass */
    private $course;
    /** @var \cm_info|\stdClass */
    private $cm;
    /** @var \context_module */
    private $context;

    /**
     * The visit of whoever asks.
     *
     * @param \stdClass $activity
     * @param \stdClass $course
     * @param \cm_info|\stdClass $cm
     * @param \context_module $context
     * @return visit
     */
    public static function of(\stdClass $activity, \stdClass $course, $cm, \context_module $context): visit {
        $visit = new self();
        $visit->activity = $activity;
        $visit->course = $course;
        $visit->cm = $cm;
        $visit->context = $context;
        return $visit;
    }

    /**
     * Asks for a ticket; makes the wall when there is none yet.
     *
     * @param bool $framed whether the wall is shown in a frame of this site's
     * @return array url, expiresAt
     */
    public function ticket(bool $framed): array {
        global $USER;
        $role = isguestuser() ? null : ticket_request::role(function (string $capability) {
            return has_capability($capability, $this->context);
        });
        if ($role === null) {
            throw new fault('guest', 403);
        }
        if ($this->activity->board === '') {
            walls::make($this->activity);
        }
        people::comes($this->activity, $USER->id);
        $request = ticket_request::of(people::reference($USER->id), site::name_of($USER), $role, [
            'group' => $this->group(),
            'origin' => $framed ? site::origin() : '',
            'language' => site::language(),
        ]);
        return site::service()->ticket($this->activity->board, $request);
    }

    /**
     * What the activity's page shows: the wall, or why it is not there.
     *
     * @return array template, data
     */
    public function page(): array {
        try {
            $ticket = $this->ticket(true);
        } catch (fault $fault) {
            return ['template' => 'mod_fresque/away', 'data' => $this->away($fault)];
        }
        return ['template' => 'mod_fresque/view', 'data' => [
            'frame' => 'mod_fresque-frame-' . $this->cm->id,
            'title' => format_string($this->activity->name),
            'url' => $ticket['url'],
            'origin' => ticket_request::origin($ticket['url']),
            'language' => site::language(),
            'open' => (new \moodle_url('/mod/fresque/open.php', ['id' => $this->cm->id]))->out(false),
        ]];
    }

    /**
     * The group in which somebody is on the wall: the one chosen in the menu, when it is
     * theirs.
     *
     * @return array ref and name; empty for none
     */
    private function group(): array {
        global $USER;
        if (groups_get_activity_groupmode($this->cm, $this->course) == NOGROUPS) {
            return [];
        }
        $chosen = (int) groups_get_activity_group($this->cm, true);
        $mine = array_keys(walls::groups($this->course->id, $this->cm->groupingid, $USER->id));
        if (!in_array($chosen, $mine) && !has_capability('moodle/site:accessallgroups', $this->context)) {
            $chosen = (int) reset($mine);
        }
        if (!$chosen) {
            return [];
        }
        return ['ref' => reference::group($chosen), 'name' => format_string(groups_get_group_name($chosen), true, ['context' => $this->context])];
    }

    /**
     * What is told to somebody who cannot see the wall now.
     *
     * @param fault $fault
     * @return array
     */
    private function away(fault $fault): array {
        $guest = $fault->reason === 'guest';
        $preparing = !$guest && $this->activity->board === '';
        if ($preparing && $this->activity->problem === '') {
            errands::later('make', ['activity' => (int) $this->activity->id]);
        }
        $about = $guest ? 'guest' : ($preparing ? 'preparing' : ($fault->is_gone() ? 'gone' : 'away'));
        $admin = has_capability('moodle/site:config', \context_system::instance());
        return [
            'title' => get_string("{$about}title", 'mod_fresque'),
            'words' => get_string("{$about}words", 'mod_fresque'),
            'again' => $guest ? get_login_url() : (new \moodle_url('/mod/fresque/view.php', ['id' => $this->cm->id]))->out(false),
            'againlabel' => get_string($guest ? 'login' : 'tryagain', $guest ? '' : 'mod_fresque'),
            'detail' => $guest || !has_capability('mod/fresque:manage', $this->context) ? '' : ($fault->about['detail'] ?? '') . " ($fault->reason)",
            'check' => $admin && !$guest ? (new \moodle_url('/mod/fresque/connection.php'))->out(false) : '',
        ];
    }
}
