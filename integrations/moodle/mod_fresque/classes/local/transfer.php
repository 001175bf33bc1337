<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * A wall in a backup.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\local;

/**
 * Packs a wall that the service has exported, and unpacks it. People are in it by their ids
 * in this site, as everywhere in a backup, so that they can be told who they are on another.
 */
class transfer {
    /**
     * Packs a wall.
     *
     * @param string $wall as the service exports it (JSON)
     * @param callable $known gives the id of the person with a reference; 0 for nobody
     * @return string
     */
    public static function pack(string $wall, callable $known): string {
        $wall = self::with_people(json_decode($wall), function (string $ref) use ($known) {
            return (string) ($known($ref) ?: '');
        });
        return base64_encode(gzcompress(self::json($wall)));
    }

    /**
     * Unpacks a wall; empty for what was not packed.
     *
     * @param string $packed
     * @param callable $reference gives the reference of the person who had an id; empty for nobody
     * @param bool $contributions whether what people posted is wanted
     * @return string JSON
     */
    public static function unpack(string $packed, callable $reference, bool $contributions): string {
        $bytes = base64_decode($packed, true);
        $json = $bytes ? @gzuncompress($bytes, 1 << 26) : false;
        $wall = $json ? json_decode($json) : null;
        if (!$wall instanceof \stdClass) {
            return '';
        }
        if (!$contributions) {
            $wall->posts = $wall->comments = [];
        }
        return self::json(self::with_people($wall, function (string $id) use ($reference) {
            return $id === '' ? '' : $reference((int) $id);
        }));
    }

    /**
     * A wall with other references to people. Objects stay objects, the empty ones too.
     *
     * @param \stdClass $wall
     * @param callable $other
     * @return \stdClass
     */
    private static function with_people(\stdClass $wall, callable $other): \stdClass {
        foreach (array_merge($wall->posts ?? [], $wall->comments ?? []) as $one) {
            if (isset($one->author->user)) {
                $one->author->user = $other((string) $one->author->user);
            }
        }
        return $wall;
    }

    /**
     * A wall as JSON.
     *
     * @param \stdClass $wall
     * @return string
     */
    private static function json(\stdClass $wall): string {
        return json_encode($wall, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
    }
}
