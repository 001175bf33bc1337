<?php
// What of the plugin is found by reading it.

require_once __DIR__ . '/strings.php';

$root = dirname(__DIR__) . '/mod_fresque';
$files = function (string $pattern) use ($root) {
    $found = [];
    foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator($root, FilesystemIterator::SKIP_DOTS)) as $file) {
        if (preg_match($pattern, (string) $file)) {
            $found[] = (string) $file;
        }
    }
    sort($found);
    return $found;
};

return [
    'both languages say the same things, with the same places for values' => function () {
        $en = strings_of('en');
        $fr = strings_of('fr');
        same(array_keys($en), array_keys($fr));
        foreach ($en as $key => $text) {
            $places = function (string $text) {
                preg_match_all('/\{\$a(?:->[a-z]+)?\}/', $text, $found);
                $all = array_unique($found[0]);
                sort($all);
                return $all;
            };
            same($places($text), $places($fr[$key]), $key);
            holds(trim($text) !== '' && trim($fr[$key]) !== '', "$key says nothing");
        }
    },
    'no string that is named is missing' => function () use ($files) {
        $en = strings_of('en');
        $named = [];
        foreach ($files('/\.(php|mustache)$/') as $file) {
            if (strpos($file, '/lang/') !== false) {
                continue;
            }
            $text = file_get_contents($file);
            preg_match_all("/get_string\('([a-zA-Z0-9_:]+)', 'mod_fresque'/", $text, $one);
            preg_match_all('/\{\{#str\}\}\s*([a-z_]+)\s*,\s*mod_fresque/', $text, $two);
            preg_match_all("/addHelpButton\('[a-z]+', '([a-z]+)', 'mod_fresque'/", $text, $three);
            preg_match_all("/'(privacy:[a-z_:]+)'/", $text, $four);
            $named = array_merge($named, $one[1], $two[1], $four[1], array_map(function ($key) {
                return "{$key}_help";
            }, $three[1]));
        }
        foreach (mod_fresque\local\wall::CHOICES + ['template' => mod_fresque\local\wall::TEMPLATES] as $name => $among) {
            array_push($named, $name, "{$name}_help");
            foreach ($among as $one) {
                $named[] = $name . '_' . str_replace('-', '', $one ?: 'usual');
            }
        }
        foreach (array_keys(mod_fresque\local\rules::MEASURES) as $rule) {
            array_push($named, $rule, "detail_$rule");
        }
        $named[] = 'detail_' . mod_fresque\local\rules::SECTIONS;
        foreach (array_keys(mod_fresque\local\ticket_request::ROLES) as $capability) {
            $named[] = substr($capability, 4);
        }
        foreach (['guest', 'preparing', 'gone', 'away'] as $about) {
            array_push($named, "{$about}title", "{$about}words");
        }
        holds(count($named) > 60, 'hardly any string was found');
        same([], array_values(array_diff(array_unique($named), array_keys($en))));
    },
    'what Moodle runs is what is read' => function () use ($root) {
        $source = file_get_contents("$root/amd/src/frame.js");
        $named = str_replace('define([], ', 'define("mod_fresque/frame", [], ', $source, $times);
        same(1, $times);
        holds($named === file_get_contents("$root/amd/build/frame.min.js"), 'amd/build is stale: make plugin writes it');
    },
    'nothing needs more than PHP 7.4, which Moodle 4.1 runs on' => function () use ($files) {
        $newer = [
            'match' => '/\bmatch\s*\([^)]*\)\s*\{/', 'enum' => '/^\s*enum\s+\w+/m', 'readonly' => '/\breadonly\s/', 'nullsafe' => '/\?->/',
            'str_contains and the like' => '/\bstr_(contains|starts_with|ends_with)\s*\(/', 'promotion' => '/__construct\([^)]*\b(public|private|protected)\s/',
            'attributes' => '/^\s*#\[/m', 'union types' => '/[(,]\s*\??\w+\|\w+\s+\$/', 'mixed or static' => '/\):\s*\??(mixed|static|never)\b/',
            'a catch without a variable' => '/catch\s*\([\w\\\\| ]+\)\s*\{/', 'throw as an expression' => '/(\?\?|\?:|=>)\s*throw\b/',
            'array_is_list' => '/\barray_is_list\s*\(/', 'first-class callables' => '/\w\(\.\.\.\)/', 'named arguments' => '/[(,]\s*[a-z_]+:\s+[^:]/i',
            'a comma after the last parameter' => '/function\s*\w*\s*\([^()]*,\s*\)/',
        ];
        foreach ($files('/\.php$/') as $file) {
            // Words and comments are no code.
            $code = '';
            foreach (token_get_all(file_get_contents($file)) as $token) {
                $skip = is_array($token) && in_array($token[0], [T_COMMENT, T_DOC_COMMENT, T_CONSTANT_ENCAPSED_STRING, T_ENCAPSED_AND_WHITESPACE, T_INLINE_HTML]);
                $code .= $skip ? (is_array($token) && $token[0] === T_CONSTANT_ENCAPSED_STRING ? "''" : '') : (is_array($token) ? $token[1] : $token);
            }
            foreach ($newer as $what => $pattern) {
                same(0, preg_match($pattern, $code, $found), basename($file) . " has $what: " . ($found[0] ?? ''));
            }
        }
    },
    'every class stands where Moodle looks for it' => function () use ($files, $root) {
        foreach ($files('~/classes/.*\.php$~') as $file) {
            $text = file_get_contents($file);
            preg_match('/^namespace ([\w\\\\]+);/m', $text, $namespace);
            preg_match('/^(?:abstract )?(?:class|interface) (\w+)/m', $text, $class);
            $path = substr($file, strlen("$root/classes/"), -4);
            same('mod_fresque\\' . str_replace('/', '\\', $path), $namespace[1] . '\\' . $class[1]);
        }
    },
];
