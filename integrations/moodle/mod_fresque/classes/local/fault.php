<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * What went wrong between this site and the service.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\local;

/**
 * A call that failed: a stable code, the HTTP status (0 when nobody answered) and what
 * the code is about.
 */
class fault extends \RuntimeException {
    /** @var string a stable code: the service's own, or one of transport's */
    public $reason;

    /** @var int HTTP status, 0 for no answer */
    public $status;

    /** @var array what the code is about, by name */
    public $about;

    /** @var int seconds to wait before the next try, 0 when the service says nothing */
    public $wait;

    /**
     * A fault.
     *
     * @param string $reason
     * @param int $status
     * @param array $about
     * @param int $wait
     */
    public function __construct(string $reason, int $status = 0, array $about = [], int $wait = 0) {
        parent::__construct(trim("$reason $status " . ($about['detail'] ?? '')));
        $this->reason = $reason;
        $this->status = $status;
        $this->about = $about;
        $this->wait = $wait;
    }

    /**
     * Whether what was asked for is not there, or not any more.
     *
     * @return bool
     */
    public function is_gone(): bool {
        return $this->status === 404 || $this->status === 410;
    }

    /**
     * Whether trying again can help. A service that is away comes back, and a wrong key
     * is mended by an administrator; a request that is wrong in itself stays wrong.
     *
     * @return bool
     */
    public function may_pass(): bool {
        return $this->status < 400 || $this->status >= 500 || in_array($this->status, [401, 403, 408, 425, 429]);
    }
}
