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

    /** The field with the posts that are needed in some sections (JSON, see sections()). */
    const SECTIONS = 'completionsections';

    /** The most rules that the service takes. */
    const MOST = 10;

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
        foreach (self::of($activity) as list('measure' => $measure, 'section' => $section, 'least' => $least)) {
            $rules[] = ['measure' => $measure] + ($section === '' ? [] : ['section' => $section]) + ['least' => $least];
        }
        return ['rules' => $rules];
    }

    /**
     * The fields that have rules.
     *
     * @return string[]
     */
    public static function fields(): array {
        return array_merge(array_keys(self::MEASURES), [self::SECTIONS]);
    }

    /**
     * The rules that are on. A field has one, that of sections one for each.
     *
     * @param \stdClass $activity
     * @return array[] field, measure, section (empty for anywhere), least
     */
    public static function of(\stdClass $activity): array {
        $on = [];
        foreach (self::MEASURES as $field => $measure) {
            if (!empty($activity->$field) && $activity->$field > 0) {
                $on[] = ['field' => $field, 'measure' => $measure, 'section' => '', 'least' => (int) $activity->$field];
            }
        }
        foreach (self::sections((string) ($activity->{self::SECTIONS} ?? '')) as $section) {
            $on[] = ['field' => self::SECTIONS, 'measure' => 'posts', 'section' => $section['id'], 'least' => $section['least']];
        }
        return $on;
    }

    /**
     * The sections in which posts are needed, out of their field.
     *
     * @param string $json
     * @return array[] id, title, least
     */
    public static function sections(string $json): array {
        $sections = [];
        foreach (json_decode($json, true) ?: [] as $one) {
            $id = (string) ($one['id'] ?? '');
            $least = (int) ($one['least'] ?? 0);
            if ($id !== '' && $least > 0) {
                $sections[] = ['id' => $id, 'title' => (string) ($one['title'] ?? ''), 'least' => $least];
            }
        }
        return $sections;
    }

    /**
     * The field of sections; empty for none.
     *
     * @param array[] $sections id, title, least
     * @return string JSON
     */
    public static function pack_sections(array $sections): string {
        return $sections ? json_encode(array_values($sections), JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES) : '';
    }

    /**
     * The field of sections on a wall that is a copy: its sections have other ids. Its rules
     * came along, in their order.
     *
     * @param string $json
     * @param array $board the copy, as the service tells it
     * @return string JSON
     */
    public static function sections_on_copy(string $json, array $board): string {
        $sections = self::sections($json);
        $there = self::about_sections($board['completion']['rules'] ?? []);
        if (count($there) !== count($sections)) {
            return '';
        }
        foreach ($there as $i => $rule) {
            $sections[$i]['id'] = (string) $rule['section'];
        }
        return self::pack_sections($sections);
    }

    /**
     * How many posts somebody has in each section, for the rules. The service knows where the
     * posts of a section went that was removed, and tells it rule by rule.
     *
     * @param \stdClass $activity
     * @param array $told a participant, as the service tells them
     * @return int[] by section
     */
    public static function posts_by_section(\stdClass $activity, array $told): array {
        $posts = array_map('intval', $told['sections'] ?? []);
        $sections = self::sections((string) ($activity->{self::SECTIONS} ?? ''));
        $rules = self::about_sections($told['rules'] ?? []);
        if (count($rules) === count($sections)) {
            foreach ($rules as $i => $rule) {
                $posts[$sections[$i]['id']] = (int) ($rule['have'] ?? 0);
            }
        }
        return $posts;
    }

    /**
     * Those of the service's rules that are about a section.
     *
     * @param array[] $rules
     * @return array[]
     */
    private static function about_sections(array $rules): array {
        return array_values(array_filter($rules, function (array $rule) {
            return ($rule['section'] ?? '') !== '';
        }));
    }

    /**
     * Whether the rules of a field are met. One without any is.
     *
     * @param \stdClass $activity
     * @param string $field
     * @param \stdClass|null $counts what the person did; null for nothing
     * @return bool
     */
    public static function met(\stdClass $activity, string $field, ?\stdClass $counts): bool {
        foreach (self::of($activity) as $rule) {
            if ($rule['field'] === $field && self::have($rule, $counts) < $rule['least']) {
                return false;
            }
        }
        return true;
    }

    /**
     * How much somebody has of what a rule asks for.
     *
     * @param array $rule
     * @param \stdClass|null $counts
     * @return int
     */
    private static function have(array $rule, ?\stdClass $counts): int {
        if ($rule['section'] === '') {
            return (int) ($counts->{$rule['measure']} ?? 0);
        }
        return (int) (json_decode((string) ($counts->sections ?? ''), true)[$rule['section']] ?? 0);
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
        foreach (self::of($activity) as $rule) {
            $shares[] = min(1.0, self::have($rule, $counts) / $rule['least']);
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
