<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * What has to reach the service, if not now then later.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\local;

/**
 * Errands to the service. One that fails in a way that may pass is done again by a
 * background task, at growing intervals, until it is done.
 */
class errands {
    /** For how many times an errand is tried: about ten days. */
    const TRIES = 45;

    /** The longest time between two tries, in seconds. */
    const LONGEST = 21600;

    /**
     * Does an errand now, or has it done later.
     *
     * @param string $what make, change, members, remove, reset, erase
     * @param array $about what it is about
     * @return bool whether it is done
     */
    public static function now_or_later(string $what, array $about): bool {
        try {
            self::run($what, $about, service::PATIENCE);
            return true;
        } catch (fault $fault) {
            self::again($what, $about, 0, $fault);
            return false;
        }
    }

    /**
     * Has an errand done in the background, once however often it is asked for.
     *
     * @param string $what
     * @param array $about
     */
    public static function later(string $what, array $about): void {
        self::queue($what, $about, 0, 0);
    }

    /**
     * Does an errand in the background.
     *
     * @param string $what
     * @param array $about
     * @param int $tries how often it was tried before
     */
    public static function try_again(string $what, array $about, int $tries): void {
        try {
            self::run($what, $about, service::LONG_PATIENCE);
        } catch (fault $fault) {
            mtrace("mod_fresque: $what: " . $fault->getMessage());
            self::again($what, $about, $tries, $fault);
        }
    }

    /**
     * How long to wait for the next try, in seconds.
     *
     * @param int $tries
     * @param int $asked what the service asked for
     * @return int
     */
    public static function delay(int $tries, int $asked): int {
        return max($asked, min(self::LONGEST, 60 * (2 ** min($tries, 12))));
    }

    /**
     * Does an errand.
     *
     * @param string $what
     * @param array $about
     * @param int $patience
     */
    private static function run(string $what, array $about, int $patience): void {
        global $DB;
        if (isset($about['activity'])) {
            $activity = $DB->get_record('fresque', ['id' => $about['activity']]);
            if (!$activity) {
                return;
            }
            $activity->coursemodule = $about['cm'] ?? 0;
        }
        switch ($what) {
            case 'make':
                walls::make($activity, $patience);
                break;
            case 'change':
                walls::change($activity, $patience);
                break;
            case 'members':
                walls::members($activity);
                break;
            case 'remove':
                site::service($patience)->remove($about['board']);
                break;
            case 'reset':
                site::service($patience)->reset($about['board'], (bool) $about['contributions'], (bool) $about['groups']);
                break;
            case 'erase':
                site::service($patience)->erase((array) $about['people'], (string) $about['board']);
                break;
        }
    }

    /**
     * Has an errand done later that has just failed; tells of one that cannot be done.
     *
     * @param string $what
     * @param array $about
     * @param int $tries
     * @param fault $fault
     */
    private static function again(string $what, array $about, int $tries, fault $fault): void {
        global $DB;
        $lasting = !$fault->may_pass() || $tries >= self::TRIES;
        if (isset($about['activity']) && in_array($what, ['make', 'change'])) {
            $DB->set_field('fresque', 'problem', substr($fault->reason, 0, 100), ['id' => $about['activity']]);
        }
        if (!$lasting) {
            self::queue($what, $about, $tries + 1, self::delay($tries, $fault->wait));
        } else if (in_array($what, ['erase', 'reset', 'remove'])) {
            debugging("mod_fresque: $what was refused: " . $fault->getMessage(), DEBUG_NORMAL);
        }
    }

    /**
     * Puts an errand into the queue.
     *
     * @param string $what
     * @param array $about
     * @param int $tries
     * @param int $wait seconds
     */
    private static function queue(string $what, array $about, int $tries, int $wait): void {
        $task = new \mod_fresque\task\errand();
        $task->set_component('mod_fresque');
        $task->set_custom_data(['what' => $what, 'about' => $about, 'tries' => $tries]);
        if ($wait) {
            $task->set_next_run_time(time() + $wait);
        }
        \core\task\manager::queue_adhoc_task($task, true);
    }
}
