<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * An activity as the service is told of it.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\local;

/**
 * What the service is told of a wall, and what of it has changed since it was last told.
 */
class wall {
    /** The settings that the form offers, and what may be chosen; empty leaves the choice to the template or the wall itself. */
    const CHOICES = [
        'layout' => ['', 'wall', 'columns', 'stream'],
        'moderation' => ['off', 'all'],
        'reactions' => ['', 'off', 'like', 'stars', 'votes'],
        'anonymity' => ['named', 'peers', 'everyone'],
    ];

    /** The walls that one can start from. */
    const TEMPLATES = ['', 'brainstorm', 'kwl', 'retrospective', 'gallery', 'exit-ticket'];

    /** The group modes of Moodle (0 none, 1 separate, 2 visible) as the service calls them. */
    const GROUPS = [0 => 'none', 1 => 'separate', 2 => 'visible'];

    /** The longest title and description, in characters. */
    const TITLE = 200;
    /** The longest description. */
    const DESCRIPTION = 2000;

    /**
     * What the service is told.
     *
     * @param \stdClass $activity
     * @param string $external what this site calls the wall
     * @param string $description plain text
     * @param int $groupmode Moodle's
     * @return array
     */
    public static function told(\stdClass $activity, string $external, string $description, int $groupmode): array {
        $settings = ['groups' => self::GROUPS[$groupmode] ?? 'none'];
        foreach (self::CHOICES as $name => $among) {
            $chosen = (string) ($activity->$name ?? '');
            if ($chosen !== '' && in_array($chosen, $among, true)) {
                $settings[$name] = $chosen;
            }
        }
        $title = self::cut((string) $activity->name, self::TITLE);
        return [
            'externalId' => $external,
            'title' => $title,
            'description' => self::cut($description, self::DESCRIPTION),
            'settings' => $settings,
            'completion' => rules::told($activity),
        ];
    }

    /**
     * What has changed, so that what trainers set on the wall itself stays as it is.
     *
     * @param array $before
     * @param array $now
     * @return array
     */
    public static function changes(array $before, array $now): array {
        $changes = [];
        foreach ($now as $name => $value) {
            if ($name === 'settings') {
                $value = array_diff_assoc($value, $before['settings'] ?? []);
                if (!$value) {
                    continue;
                }
            } else if (($before[$name] ?? null) === $value) {
                continue;
            }
            $changes[$name] = $value;
        }
        return $changes;
    }

    /**
     * The words of HTML, a line for each of its blocks.
     *
     * @param string $html
     * @return string
     */
    public static function plain(string $html): string {
        $lined = preg_replace('~<(?:br|/p|/div|/li|/h[1-6]|/tr)\b[^>]*>~i', "\n", preg_replace('/\s+/u', ' ', $html));
        $text = html_entity_decode(strip_tags($lined), ENT_QUOTES | ENT_HTML5, 'UTF-8');
        return trim(preg_replace(['/[ \t\x{a0}]*\n[ \t\x{a0}]*/u', '/\n{3,}/'], ["\n", "\n\n"], $text));
    }

    /**
     * A text on as many characters as there is room for.
     *
     * @param string $text
     * @param int $most
     * @return string
     */
    private static function cut(string $text, int $most): string {
        $text = trim($text);
        return mb_strlen($text) <= $most ? $text : mb_substr($text, 0, $most - 1) . '…';
    }
}
