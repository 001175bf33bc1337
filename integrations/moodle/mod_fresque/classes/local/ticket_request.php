<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * What is asked for to let somebody onto a wall.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\local;

/**
 * A request for a ticket.
 */
class ticket_request {
    /** Who may what, the strongest first: the capability and the role that it gives. */
    const ROLES = [
        'mod/fresque:manage' => 'owner',
        'mod/fresque:moderate' => 'moderator',
        'mod/fresque:post' => 'writer',
        'mod/fresque:comment' => 'commenter',
        'mod/fresque:view' => 'reader',
    ];

    /**
     * The role of somebody; null for nobody.
     *
     * @param callable $may tells of a capability whether they have it
     * @return string|null
     */
    public static function role(callable $may): ?string {
        foreach (self::ROLES as $capability => $role) {
            if ($may($capability)) {
                return $role;
            }
        }
        return null;
    }

    /**
     * The request.
     *
     * @param string $person their reference
     * @param string $name empty to send none
     * @param string $role
     * @param array $more any of group, origin, language, theme; what is empty is left out
     * @return array
     */
    public static function of(string $person, string $name, string $role, array $more = []): array {
        return array_filter(['user' => $person, 'name' => $name, 'role' => $role] + $more);
    }

    /**
     * The origin of an address, as browsers write it.
     *
     * @param string $address
     * @return string
     */
    public static function origin(string $address): string {
        $parts = parse_url($address);
        $scheme = strtolower($parts['scheme'] ?? '');
        $port = $parts['port'] ?? 0;
        $usual = ['http' => 80, 'https' => 443][$scheme] ?? 0;
        return $scheme . '://' . strtolower($parts['host'] ?? '') . ($port && $port !== $usual ? ":$port" : '');
    }
}
