<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * Where the access token is kept between two requests.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\local;

/**
 * Keeps one access token.
 */
interface token_store {
    /**
     * The token that is kept; empty for none.
     *
     * @return string
     */
    public function get(): string;

    /**
     * Keeps a token, or forgets it when it is empty.
     *
     * @param string $token
     * @param int $seconds for how long
     */
    public function keep(string $token, int $seconds): void;
}
