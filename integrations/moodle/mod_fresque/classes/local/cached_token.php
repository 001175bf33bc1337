<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * The access token, in a cache of Moodle.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\local;

/**
 * Keeps the access token in the application's cache.
 */
class cached_token implements token_store {
    /** @var string whose token it is */
    private $key;

    /**
     * The token for an address and a platform.
     *
     * @param string $whose
     */
    public function __construct(string $whose) {
        $this->key = sha1($whose);
    }

    /**
     * The token; empty for none.
     *
     * @return string
     */
    public function get(): string {
        $kept = \cache::make('mod_fresque', 'token')->get($this->key);
        return is_array($kept) && $kept['until'] > time() ? $kept['token'] : '';
    }

    /**
     * Keeps a token.
     *
     * @param string $token
     * @param int $seconds
     */
    public function keep(string $token, int $seconds): void {
        $cache = \cache::make('mod_fresque', 'token');
        if ($token === '') {
            $cache->delete($this->key);
        } else {
            $cache->set($this->key, ['token' => $token, 'until' => time() + $seconds]);
        }
    }
}
