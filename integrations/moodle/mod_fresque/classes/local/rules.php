<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * The rules of completion of one activity.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\local;

/**
 * What participants have to do, as the form keeps it, as the service reads it, and
 * whether somebody did it.
 */
class rules {
    /** What is counted, and the field of the activity that says how much of it is needed. */
    const MEASURES = [
        'completionposts' => 'posts',
        'completionpeers' => 'peers',
        'completionwords' => 'words',
        'completionreactions' => 'reactions',
    ];

    /** Grades: none, all or nothing, a share of the rules, each contribution. */
    const GRADE_NONE = 0;
    /** All the points when every rule is met, and none before. */
    const GRADE_ALL = 1;
    /** The share of what the rules ask for. */
    const GRADE_SHARE = 2;
    /** Posts and comments, until there are as many as asked for. */
    const GRADE_COUNT = 3;

    /**
     * The rules as the service reads them.
     *
     * @param \stdClass $activity
     * @return array
     */
    public static function told(\stdClass $activity): array {
        $rules = [];
        foreach (self::of($activity) as $field => $least) {
            $rules[] = ['measure' => self::MEASURES[$field], 'least' => $least];
        }
        return ['rules' => $rules];
    }

    /**
     * How much each rule that is on asks for, by its field.
     *
     * @param \stdClass $activity
     * @return int[]
     */
    public static function of(\stdClass $activity): array {
        $on = [];
        foreach (array_keys(self::MEASURES) as $field) {
            if (!empty($activity->$field) && $activity->$field > 0) {
                $on[$field] = (int) $activity->$field;
            }
        }
        return $on;
    }

    /**
     * Whether a rule is met. One that is not on is.
     *
     * @param \stdClass $activity
     * @param string $field
     * @param \stdClass|null $counts what the person did; null for nothing
     * @return bool
     */
    public static function met(\stdClass $activity, string $field, ?\stdClass $counts): bool {
        $least = self::of($activity)[$field] ?? 0;
        $measure = self::MEASURES[$field];
        return ($counts->$measure ?? 0) >= $least;
    }

    /**
     * How much of the grade somebody has earned, from 0 to 1; null for somebody who did
     * nothing yet, and where there are no grades.
     *
     * @param \stdClass $activity
     * @param \stdClass|null $counts
     * @return float|null
     */
    public static function earned(\stdClass $activity, ?\stdClass $counts): ?float {
        $by = (int) ($activity->gradeby ?? self::GRADE_NONE);
        if ($by === self::GRADE_NONE || $counts === null || !self::did_something($counts)) {
            return null;
        }
        if ($by === self::GRADE_COUNT) {
            return min(1.0, ($counts->posts + $counts->comments) / max(1, (int) $activity->gradefull));
        }
        $shares = [];
        foreach (self::of($activity) as $field => $least) {
            $measure = self::MEASURES[$field];
            $shares[] = min(1.0, ($counts->$measure ?? 0) / $least);
        }
        if (!$shares) {
            return null;
        }
        return $by === self::GRADE_ALL ? (float) (min($shares) >= 1.0) : array_sum($shares) / count($shares);
    }

    /**
     * Whether there is anything of a person.
     *
     * @param \stdClass $counts
     * @return bool
     */
    private static function did_something(\stdClass $counts): bool {
        return ($counts->posts ?? 0) + ($counts->comments ?? 0) + ($counts->reactions ?? 0) > 0;
    }

    /**
     * A grade in points, or on a scale of so many steps.
     *
     * @param float|null $earned from 0 to 1
     * @param int $most points; a scale has as many steps as $steps
     * @param int $steps 0 for points
     * @return float|null
     */
    public static function grade(?float $earned, int $most, int $steps = 0): ?float {
        if ($earned === null) {
            return null;
        }
        return $steps ? max(1.0, ceil($earned * $steps)) : round($earned * $most, 5);
    }
}
