<?php
// Runs the tests of what of the plugin needs no Moodle: php run.php [part of a name]
//
// Each file *_test.php below gives an array of closures by name. A failed assertion
// throws, so that a test without any is found too.

error_reporting(E_ALL);
set_error_handler(function ($severity, $message, $file, $line) {
    if (!(error_reporting() & $severity)) {
        return false; // It is silenced.
    }
    throw new ErrorException($message, 0, $severity, $file, $line);
});
spl_autoload_register(function ($class) {
    if (strpos($class, 'mod_fresque\\') === 0) {
        require __DIR__ . '/../mod_fresque/classes/' . str_replace('\\', '/', substr($class, 12)) . '.php';
    }
});

$asserted = 0;

function same($expected, $actual, string $about = ''): void {
    global $asserted;
    $asserted++;
    if ($expected !== $actual) {
        throw new Exception(trim("$about\n  expected " . json_encode($expected) . "\n  was      " . json_encode($actual)));
    }
}

function holds(bool $condition, string $about): void {
    same(true, $condition, $about);
}

/** The fault that a call throws. */
function fault_of(callable $call): mod_fresque\local\fault {
    try {
        $call();
    } catch (mod_fresque\local\fault $fault) {
        return $fault;
    }
    throw new Exception('nothing was thrown');
}

$failed = $ran = 0;
foreach (glob(__DIR__ . '/*_test.php') as $file) {
    foreach (require $file as $name => $test) {
        if (isset($argv[1]) && strpos(basename($file) . " $name", $argv[1]) === false) {
            continue;
        }
        $ran++;
        $before = $asserted;
        try {
            $test();
            if ($asserted === $before) {
                throw new Exception('asserts nothing');
            }
        } catch (Throwable $e) {
            $failed++;
            echo basename($file, '_test.php'), ": $name: ", get_class($e), ': ', $e->getMessage(), "\n", $e->getTraceAsString(), "\n";
        }
    }
}
echo "$ran tests, $asserted assertions, $failed failed\n";
exit($failed || !$ran ? 1 : 0);
