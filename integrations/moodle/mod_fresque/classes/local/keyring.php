<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * The keys with which this site signs its calls.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\local;

/**
 * A key that signs, and others that are published with it: one that will sign, so that the
 * service has read it before it is used, and those that signed until lately, which the
 * service may be about to check.
 */
class keyring {
    /** How long a key is published after it was replaced, in seconds. */
    const OVERLAP = 3600;

    /** How long a key is published before it signs, where another one can, in seconds: the service reads keys anew every half a minute at most. */
    const AHEAD = 60;

    /** The algorithm with which the keys sign. */
    const ALGORITHM = 'RS256';

    /** @var array[] newest first: kid, jwk, from and until when (seconds; 0 for no end), private (PEM; of the newest, and of the one before until the newest signs) */
    private $keys;

    /**
     * A ring of keys as they are kept.
     *
     * @param array[] $keys
     */
    private function __construct(array $keys) {
        $this->keys = $keys;
    }

    /**
     * Reads a ring as to_json wrote it; anything else is an empty ring.
     *
     * @param string $json
     * @return keyring
     */
    public static function from_json(string $json): keyring {
        $keys = json_decode($json, true);
        return new self(is_array($keys) ? $keys : []);
    }

    /**
     * The ring as it is kept, the private key too.
     *
     * @return string
     */
    public function to_json(): string {
        return json_encode($this->keys);
    }

    /**
     * Whether there is no key yet.
     *
     * @return bool
     */
    public function is_empty(): bool {
        return !$this->keys;
    }

    /**
     * The ring with a new key, which signs in a minute, or now when it is the first.
     *
     * @param int $now seconds
     * @return keyring
     */
    public function rotated(int $now): keyring {
        $private = self::make();
        $jwk = self::jwk($private);
        $from = $this->is_empty() ? $now : $now + self::AHEAD;
        $keys = [['kid' => $jwk['kid'], 'jwk' => $jwk, 'from' => $from, 'until' => 0, 'private' => $private]];
        $signing = $this->is_empty() ? '' : $this->signing($now)['kid'];
        foreach ($this->published($now) as $old) {
            if ($old['kid'] !== $signing) {
                unset($old['private']);
            }
            $old['until'] = $old['until'] ?: $from + self::OVERLAP;
            $keys[] = $old;
        }
        return new self($keys);
    }

    /**
     * The private key that signs (PEM).
     *
     * @param int $now seconds
     * @return string
     */
    public function private_key(int $now): string {
        return $this->signing($now)['private'];
    }

    /**
     * The name of the key that signs: its thumbprint (RFC 7638).
     *
     * @param int $now seconds
     * @return string
     */
    public function fingerprint(int $now): string {
        return $this->signing($now)['kid'];
    }

    /**
     * The key that signs: the newest whose time has come.
     *
     * @param int $now seconds
     * @return array
     */
    private function signing(int $now): array {
        foreach ($this->keys as $key) {
            if (isset($key['private']) && $key['from'] <= $now) {
                return $key;
            }
        }
        // The clock was set back: the newest will do.
        return $this->keys[0];
    }

    /**
     * The public keys, as a JSON Web Key Set.
     *
     * @param int $now seconds
     * @return array
     */
    public function public_set(int $now): array {
        return ['keys' => array_values(array_column($this->published($now), 'jwk'))];
    }

    /**
     * Those of the keys that are still published.
     *
     * @param int $now seconds
     * @return array[]
     */
    private function published(int $now): array {
        return array_filter($this->keys, function (array $key) use ($now) {
            return !$key['until'] || $key['until'] > $now;
        });
    }

    /**
     * Makes a private key (PEM).
     *
     * @return string
     */
    private static function make(): string {
        $key = openssl_pkey_new(['private_key_type' => OPENSSL_KEYTYPE_RSA, 'private_key_bits' => 2048]);
        if ($key === false || !openssl_pkey_export($key, $pem)) {
            throw new fault('key_not_made', 0, ['why' => (string) openssl_error_string()]);
        }
        return $pem;
    }

    /**
     * The public half of a private key, as a JSON Web Key.
     *
     * @param string $pem
     * @return array
     */
    private static function jwk(string $pem): array {
        $rsa = openssl_pkey_get_details(openssl_pkey_get_private($pem))['rsa'];
        // These three, in this order and without spaces, are what the thumbprint is taken of.
        $jwk = ['e' => base64url::encode($rsa['e']), 'kty' => 'RSA', 'n' => base64url::encode($rsa['n'])];
        $kid = base64url::encode(hash('sha256', json_encode($jwk), true));
        return $jwk + ['kid' => $kid, 'use' => 'sig', 'alg' => self::ALGORITHM];
    }
}
