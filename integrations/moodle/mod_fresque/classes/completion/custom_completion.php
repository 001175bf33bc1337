<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * Completion of an activity.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\completion;

use mod_fresque\local\people;
use mod_fresque\local\rules;

/**
 * Whether people have done what the activity asks for, of what the service told last.
 */
class custom_completion extends \core_completion\activity_custom_completion {
    /**
     * The state of a rule.
     *
     * @param string $rule
     * @return int
     */
    public function get_state(string $rule): int {
        global $DB;
        $this->validate_rule($rule);
        $activity = $DB->get_record('fresque', ['id' => $this->cm->instance], '*', MUST_EXIST);
        $met = rules::met($activity, $rule, people::counts($activity->id, $this->userid));
        return $met ? COMPLETION_COMPLETE : COMPLETION_INCOMPLETE;
    }

    /**
     * The rules.
     *
     * @return string[]
     */
    public static function get_defined_custom_rules(): array {
        return rules::fields();
    }

    /**
     * The rules in words.
     *
     * @return string[] by rule
     */
    public function get_custom_rule_descriptions(): array {
        $words = [];
        foreach (self::get_defined_custom_rules() as $rule) {
            $words[$rule] = self::in_words($rule, $this->cm->customdata['customcompletionrules'][$rule] ?? 0);
        }
        return $words;
    }

    /**
     * What a rule asks for, in words.
     *
     * @param string $rule
     * @param mixed $asked what its field has
     * @return string
     */
    public static function in_words(string $rule, $asked): string {
        if ($rule !== rules::SECTIONS) {
            return get_string("detail_$rule", 'mod_fresque', $asked);
        }
        $each = array_map(function (array $section) {
            // Some pages of Moodle escape what this says, others do not.
            $title = str_replace(['<', '>'], '', $section['title']);
            return get_string('detail_section', 'mod_fresque', (object) ['title' => $title, 'least' => $section['least']]);
        }, rules::sections((string) $asked));
        return get_string("detail_$rule", 'mod_fresque', implode(get_string('listsep', 'langconfig') . ' ', $each));
    }

    /**
     * The order in which rules are shown.
     *
     * @return string[]
     */
    public function get_sort_order(): array {
        return array_merge(['completionview'], self::get_defined_custom_rules(), ['completionusegrade', 'completionpassgrade']);
    }
}
