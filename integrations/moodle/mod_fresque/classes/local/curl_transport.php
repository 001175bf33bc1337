<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * Requests through Moodle.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\local;

/**
 * Sends requests with the curl of Moodle's, which minds the site's proxy and its
 * security settings.
 */
class curl_transport implements transport {
    /**
     * Sends a request.
     *
     * @param string $method
     * @param string $url
     * @param string[] $headers
     * @param string $body
     * @param int $timeout
     * @return reply
     */
    public function send(string $method, string $url, array $headers, string $body, int $timeout): reply {
        global $CFG;
        require_once($CFG->libdir . '/filelib.php');
        $curl = new \curl();
        $curl->setHeader($headers);
        $options = [
            'CURLOPT_CONNECTTIMEOUT' => min(5, $timeout),
            'CURLOPT_TIMEOUT' => $timeout,
            'CURLOPT_FOLLOWLOCATION' => 0,
        ];
        if ($method === 'GET') {
            $answer = $curl->get($url, [], $options);
        } else {
            $answer = $curl->post($url, $body, $options + ['CURLOPT_CUSTOMREQUEST' => $method]);
        }
        $errno = (int) $curl->get_errno();
        $info = $curl->get_info();
        $status = (int) ($info['http_code'] ?? 0);
        if ($errno || !$status || !empty($curl->error)) {
            // An address that the site's settings block has no number, only words.
            return reply::none($errno, (string) $curl->error, !$errno && !empty($curl->error));
        }
        $told = [];
        foreach ($curl->getResponse() as $name => $value) {
            $told[$name] = is_array($value) ? (string) end($value) : (string) $value;
        }
        return reply::of($status, (string) $answer, $told);
    }
}
