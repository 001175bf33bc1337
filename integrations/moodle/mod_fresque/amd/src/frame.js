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

    // In pixels: what one can write in, and what of the page stays in sight around the frame.
    var LEAST = 640;
    var AROUND = 32;

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
         * Shows a wall in a frame, and listens to it. The wall is asked for here, so that nothing
         * it says comes too early.
         *
         * @param {string} id of the frame
         * @param {string} origin of the service, exactly
         * @param {string} language fr or en
         */
        init: function(id, origin, language) {
            var frame = document.getElementById(id);
            var told = 0;
            if (!frame) {
                return;
            }
            // Never higher than what can be seen: the wall's dialogs stand in the middle of its frame.
            var fit = function() {
                if (told) {
                    frame.style.height = Math.min(window.innerHeight - AROUND, Math.max(LEAST, Math.ceil(told))) + 'px';
                }
            };
            window.addEventListener('resize', fit);
            window.addEventListener('message', function(event) {
                var said = event.data;
                if (event.origin !== origin || event.source !== frame.contentWindow || !said || said.fresque !== 1) {
                    return;
                }
                if (said.type === 'ready') {
                    frame.contentWindow.postMessage({fresque: 1, type: 'settings', language: language, theme: theme()}, origin);
                } else if (said.type === 'height' && typeof said.height === 'number' && said.height > 0) {
                    told = said.height;
                    fit();
                } else if (said.type === 'reopen') {
                    // Its session is over: the page brings a new ticket.
                    window.location.reload();
                }
            });
            frame.src = frame.getAttribute('data-url');
        }
    };
});
