<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * The form of an activity.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

use mod_fresque\local\fault;
use mod_fresque\local\rules;
use mod_fresque\local\site;
use mod_fresque\local\wall;

require_once($CFG->dirroot . '/course/moodleform_mod.php');

/**
 * Makes and changes an activity.
 */
class mod_fresque_mod_form extends moodleform_mod {
    /** @var array[]|null what can be asked of participants: see asked() */
    private $asked = null;

    /**
     * The fields.
     */
    public function definition() {
        $mform = $this->_form;
        if (!site::is_connected()) {
            global $OUTPUT;
            $mform->addElement('html', $OUTPUT->notification(get_string('notconnected', 'mod_fresque'), 'warning'));
        }
        $mform->addElement('header', 'general', get_string('general', 'form'));
        $mform->addElement('text', 'name', get_string('name'), ['size' => '64']);
        $mform->setType('name', empty($GLOBALS['CFG']->formatstringstriptags) ? PARAM_CLEANHTML : PARAM_TEXT);
        $mform->addRule('name', null, 'required', null, 'client');
        $mform->addRule('name', get_string('maximumchars', '', wall::TITLE), 'maxlength', wall::TITLE, 'client');
        $this->standard_intro_elements();

        $mform->addElement('header', 'wall', get_string('wall', 'mod_fresque'));
        $mform->setExpanded('wall');
        if (!$this->_instance) {
            $this->choice('template', wall::TEMPLATES, '');
        }
        foreach (wall::CHOICES as $name => $among) {
            $this->choice($name, $among, $among[0]);
        }

        $this->standard_grading_coursemodule_elements();
        $mform->setDefault('grade', 0);
        $by = [rules::GRADE_SHARE, rules::GRADE_ALL, rules::GRADE_COUNT];
        $mform->addElement('select', 'gradeby', get_string('gradeby', 'mod_fresque'), array_combine($by, array_map(function ($one) {
            return get_string("gradeby_$one", 'mod_fresque');
        }, $by)));
        $mform->addHelpButton('gradeby', 'gradeby', 'mod_fresque');
        $mform->hideIf('gradeby', 'grade[modgrade_type]', 'eq', 'none');
        $mform->addElement('text', 'gradefull', get_string('gradefull', 'mod_fresque'), ['size' => 4]);
        $mform->setType('gradefull', PARAM_INT);
        $mform->setDefault('gradefull', 5);
        $mform->hideIf('gradefull', 'gradeby', 'neq', rules::GRADE_COUNT);
        $mform->hideIf('gradefull', 'grade[modgrade_type]', 'eq', 'none');

        $this->standard_coursemodule_elements();
        $this->add_action_buttons();
    }

    /**
     * A field that offers some values.
     *
     * @param string $name
     * @param string[] $among
     * @param string $default
     */
    private function choice(string $name, array $among, string $default): void {
        $words = [];
        foreach ($among as $one) {
            $words[$one] = get_string($name . '_' . str_replace('-', '', $one ?: 'usual'), 'mod_fresque');
        }
        $this->_form->addElement('select', $name, get_string($name, 'mod_fresque'), $words);
        $this->_form->addHelpButton($name, $name, 'mod_fresque');
        $this->_form->setDefault($name, $default);
    }

    /**
     * The rules of completion.
     *
     * @return string[] names of fields
     */
    public function add_completion_rules() {
        $mform = $this->_form;
        $groups = [];
        foreach ($this->asked() as $rule => $asked) {
            $field = $this->suffixed($rule);
            $enabled = $this->suffixed($rule . 'enabled');
            $group = $this->suffixed($rule . 'group');
            $mform->addGroup([
                $mform->createElement('checkbox', $enabled, '', $asked['words']),
                $mform->createElement('text', $field, '', ['size' => 4, 'aria-label' => get_string('howmany', 'mod_fresque')]),
            ], $group, '', ' ', false);
            $mform->setType($field, PARAM_INT);
            $mform->setDefault($field, $asked['default']);
            $mform->hideIf($field, $enabled, 'notchecked');
            $groups[] = $group;
        }
        return $groups;
    }

    /**
     * What can be asked of participants: the measures, and posts in each section of the wall.
     *
     * @return array[] words, default and most by the field's name; of sections their id and title
     */
    private function asked(): array {
        if ($this->asked !== null) {
            return $this->asked;
        }
        $this->asked = [];
        foreach (array_keys(rules::MEASURES) as $rule) {
            $words = $rule === 'completionwords';
            $this->asked[$rule] = ['words' => get_string($rule, 'mod_fresque'), 'default' => $words ? 50 : 1, 'most' => $words ? 100000 : 1000];
        }
        foreach ($this->sections() as $section) {
            $this->asked['completionsection' . str_replace('-', '', $section['id'])] = $section + [
                'words' => get_string('completionsection', 'mod_fresque', s($section['title'])), 'default' => 1, 'most' => 1000,
            ];
        }
        return $this->asked;
    }

    /**
     * The sections of the wall; while the service is away, those that have a rule.
     *
     * @return array[] id, title
     */
    private function sections(): array {
        global $DB;
        $activity = $this->_instance ? $DB->get_record('fresque', ['id' => $this->_instance]) : null;
        if (!$activity || $activity->board === '') {
            return [];
        }
        try {
            return site::service(3)->board($activity->board)['sections'] ?? [];
        } catch (fault $fault) {
            return rules::sections((string) $activity->completionsections);
        }
    }

    /**
     * The fields of rules that are on.
     *
     * @param array $data
     * @return int[] how much is asked for, by the field's name
     */
    private function on(array $data): array {
        $on = [];
        foreach (array_keys($this->asked()) as $rule) {
            if (!empty($data[$this->suffixed($rule . 'enabled')])) {
                $on[$rule] = (int) ($data[$this->suffixed($rule)] ?? 0);
            }
        }
        return $on;
    }

    /**
     * Whether a rule is on.
     *
     * @param array $data
     * @return bool
     */
    public function completion_rule_enabled($data) {
        return (bool) array_filter($this->on($data), function (int $n) {
            return $n > 0;
        });
    }

    /**
     * Fills the form.
     *
     * @param array $values
     */
    public function data_preprocessing(&$values) {
        parent::data_preprocessing($values);
        $least = array_column(rules::sections((string) ($values[rules::SECTIONS] ?? '')), 'least', 'id');
        foreach ($this->asked() as $rule => $asked) {
            $field = $this->suffixed($rule);
            if (isset($asked['id'])) {
                $values[$field] = $least[$asked['id']] ?? 0;
            }
            if (isset($values[$field])) {
                $values[$this->suffixed($rule . 'enabled')] = (int) !empty($values[$field]);
                if (empty($values[$field])) {
                    unset($values[$field]);
                }
            }
        }
        if (empty($values['gradeby'])) {
            unset($values['gradeby']);
        }
    }

    /**
     * What is given counts where its rule is on.
     *
     * @param stdClass $data
     */
    public function data_postprocessing($data) {
        parent::data_postprocessing($data);
        if (empty($data->completionunlocked)) {
            return;
        }
        $automatic = ($data->{$this->suffixed('completion')} ?? 0) == COMPLETION_TRACKING_AUTOMATIC;
        $on = $automatic ? $this->on((array) $data) : [];
        $sections = [];
        foreach ($this->asked() as $rule => $asked) {
            if (!isset($asked['id'])) {
                $data->{$this->suffixed($rule)} = $on[$rule] ?? 0;
            } else if (!empty($on[$rule])) {
                $sections[] = ['id' => $asked['id'], 'title' => $asked['title'], 'least' => $on[$rule]];
            }
        }
        $data->{rules::SECTIONS} = rules::pack_sections($sections);
    }

    /**
     * What is wrong.
     *
     * @param array $data
     * @param array $files
     * @return string[] by field
     */
    public function validation($data, $files) {
        $errors = parent::validation($data, $files);
        $on = $this->on($data);
        foreach ($on as $rule => $n) {
            $most = $this->asked()[$rule]['most'];
            if ($n < 1 || $n > $most) {
                $errors[$this->suffixed($rule . 'group')] = get_string('fromto', 'mod_fresque', $most);
            }
        }
        if (count($on) > rules::MOST) {
            $errors[$this->suffixed(array_keys($on)[rules::MOST] . 'group')] = get_string('toomanyrules', 'mod_fresque', rules::MOST);
        }
        $by = (int) ($data['gradeby'] ?? 0);
        // The rules are not in what is given while they are locked.
        $locked = empty($data['completionunlocked']) && $this->_instance;
        if (!empty($data['grade']) && in_array($by, [rules::GRADE_ALL, rules::GRADE_SHARE]) && !$locked && !$this->completion_rule_enabled($data)) {
            $errors['gradeby'] = get_string('gradeneedsrules', 'mod_fresque');
        }
        if (!empty($data['grade']) && $by === rules::GRADE_COUNT && ($data['gradefull'] < 1 || $data['gradefull'] > 1000)) {
            $errors['gradefull'] = get_string('fromto', 'mod_fresque', 1000);
        }
        return $errors;
    }

    /**
     * A field's name where the form is one of several, as for the defaults of a course
     * (Moodle 4.3 on).
     *
     * @param string $field
     * @return string
     */
    private function suffixed(string $field): string {
        return method_exists($this, 'get_suffix') ? $field . $this->get_suffix() : $field;
    }
}
