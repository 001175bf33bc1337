// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
// GNU General Public License, version 3 or later.

/**
 * The frame that shows a wall: it is as high as the wall says, and learns the page's
 * language and theme.
 *
 * @module     mod_fresque/frame
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
define([], function() {
    'use strict';

    // In pixels: what can be worked with, and what no wall needs.
    var LEAST = 420;
    var MOST = 20000;

    /**
     * Whether the page is a dark one, as far as its theme says so.
     *
     * @returns {string} light, dark or auto
     */
    function theme() {
        var told = document.documentElement.getAttribute('data-bs-theme');
        return told === 'dark' ? 'dark' : 'light';
    }

    return {
        /**
         * Listens to a frame.
         *
         * @param {string} id of the frame
         * @param {string} origin of the service, exactly
         * @param {string} language fr or en
         */
        init: function(id, origin, language) {
            var frame = document.getElementById(id);
            if (!frame) {
                return;
            }
            var tell = function() {
                frame.contentWindow.postMessage({fresque: 1, type: 'settings', language: language, theme: theme()}, origin);
            };
            window.addEventListener('message', function(event) {
                var told = event.data;
                if (event.origin !== origin || event.source !== frame.contentWindow || !told || told.fresque !== 1) {
                    return;
                }
                if (told.type === 'ready') {
                    tell();
                } else if (told.type === 'height' && typeof told.height === 'number' && told.height > 0) {
                    frame.style.height = Math.min(MOST, Math.max(LEAST, Math.ceil(told.height))) + 'px';
                }
            });
            // The frame may have been ready before this module was.
            frame.addEventListener('load', tell);
        }
    };
});
