<?php
// The words of the plugin in one language.

if (!function_exists('strings_of')) {
    function strings_of(string $language): array {
        defined('MOODLE_INTERNAL') || define('MOODLE_INTERNAL', true);
        $string = [];
        require __DIR__ . "/../mod_fresque/lang/$language/fresque.php";
        return $string;
    }
}
