<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * This Moodle, as the service knows it.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\local;

/**
 * The settings of the plugin, the site's keys and its connection to the service.
 */
class site {
    /** How names are sent. */
    const NAME_NONE = 'none';
    /** First names alone. */
    const NAME_FIRST = 'first';
    /** Whole names. */
    const NAME_FULL = 'full';

    /**
     * A setting of the plugin; empty when it is not there.
     *
     * @param string $name
     * @return string
     */
    public static function setting(string $name): string {
        return trim((string) get_config('mod_fresque', $name));
    }

    /**
     * The service's address, without a slash at the end.
     *
     * @return string
     */
    public static function address(): string {
        return rtrim(self::setting('address'), '/');
    }

    /**
     * Whether an administrator has connected the site.
     *
     * @return bool
     */
    public static function is_connected(): bool {
        return self::address() !== '' && self::setting('platform') !== '';
    }

    /**
     * The service.
     *
     * @param int $patience seconds
     * @return service
     */
    public static function service(int $patience = service::PATIENCE): service {
        if (!self::is_connected()) {
            throw new fault('not_connected');
        }
        $platform = self::setting('platform');
        return new service(
            new curl_transport(),
            self::address(),
            $platform,
            [self::class, 'sign'],
            new cached_token(self::address() . ' ' . $platform),
            self::language(),
            $patience
        );
    }

    /**
     * Signs claims with the site's key.
     *
     * @param array $claims
     * @return string
     */
    public static function sign(array $claims): string {
        $keys = self::keyring();
        return \Firebase\JWT\JWT::encode($claims, $keys->private_key(time()), keyring::ALGORITHM, $keys->fingerprint(time()));
    }

    /**
     * The site's keys, made the first time.
     *
     * @return keyring
     */
    public static function keyring(): keyring {
        $keys = keyring::from_json(self::setting('keyring'));
        return $keys->is_empty() ? self::rotate(true) : $keys;
    }

    /**
     * Makes a new key. Those who do it at the same time do it once.
     *
     * @param bool $iffirst only when there is none
     * @return keyring
     */
    public static function rotate(bool $iffirst = false): keyring {
        return keyring::from_json(self::alone('keyring', function (string $kept) use ($iffirst) {
            $keys = keyring::from_json($kept);
            return $iffirst && !$keys->is_empty() ? $kept : $keys->rotated(time())->to_json();
        }));
    }

    /**
     * Changes a setting that nobody else changes meanwhile.
     *
     * @param string $name
     * @param callable $change gives what is to be kept, of what is
     * @return string what is kept
     */
    private static function alone(string $name, callable $change): string {
        global $DB;
        $lock = \core\lock\lock_config::get_lock_factory('mod_fresque')->get_lock($name, 20);
        if (!$lock) {
            throw new fault('key_not_made', 0, ['detail' => "no lock for $name"]);
        }
        try {
            // What stands in the database, not what this request has read before.
            $kept = (string) $DB->get_field('config_plugins', 'value', ['plugin' => 'mod_fresque', 'name' => $name]);
            $new = $change($kept);
            if ($new !== $kept) {
                set_config($name, $new, 'mod_fresque');
            }
            return $new;
        } finally {
            $lock->release();
        }
    }

    /**
     * The secret of which the references of people are made.
     *
     * @return string
     */
    public static function secret(): string {
        return self::setting('secret') ?: self::alone('secret', function (string $kept) {
            return $kept ?: base64url::encode(random_bytes(32));
        });
    }

    /**
     * The seal of a wall of this site in a backup.
     *
     * @param string $board
     * @return string
     */
    public static function seal(string $board): string {
        return reference::seal(self::secret(), self::setting('platform'), $board);
    }

    /**
     * The origin of this site's pages.
     *
     * @return string
     */
    public static function origin(): string {
        global $CFG;
        return ticket_request::origin($CFG->wwwroot);
    }

    /**
     * Where the site publishes its public keys.
     *
     * @return string
     */
    public static function jwks_url(): string {
        return (new \moodle_url('/mod/fresque/jwks.php'))->out(false);
    }

    /**
     * Where the service tells of participation.
     *
     * @return string
     */
    public static function webhook_url(): string {
        return (new \moodle_url('/mod/fresque/webhook.php'))->out(false);
    }

    /**
     * The language of the page, of those that the service speaks.
     *
     * @return string fr or en
     */
    public static function language(): string {
        return strpos(current_language(), 'fr') === 0 ? 'fr' : 'en';
    }

    /**
     * The name of somebody, as far as the settings let it be sent.
     *
     * @param \stdClass $user
     * @return string empty for none
     */
    public static function name_of(\stdClass $user): string {
        switch (self::setting('names')) {
            case self::NAME_FIRST:
                return trim($user->firstname);
            case self::NAME_FULL:
                return trim(fullname($user));
            default:
                return '';
        }
    }
}
