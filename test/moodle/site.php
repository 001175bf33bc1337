<?php
// What the tests do on the side of Moodle: php site.php DIR WHAT JSON, answers with JSON.
//
// phpcs:disable -- It is no part of the plugin.

define('CLI_SCRIPT', true);
require $argv[1] . '/config.php';
require_once $CFG->libdir . '/filelib.php';
require_once $CFG->libdir . '/completionlib.php';
require_once $CFG->libdir . '/gradelib.php';
require_once $CFG->dirroot . '/course/modlib.php';
require_once $CFG->dirroot . '/course/lib.php';
require_once $CFG->dirroot . '/group/lib.php';
require_once $CFG->dirroot . '/user/lib.php';
require_once $CFG->dirroot . '/backup/util/includes/backup_includes.php';
require_once $CFG->dirroot . '/backup/util/includes/restore_includes.php';
require_once $CFG->dirroot . '/enrol/locallib.php';

\core\session\manager::set_user(get_admin());
// The connection test is of faults, and a backup of many steps, of which Moodle tells developers.
set_debugging(in_array($argv[2], ['check', 'duplicate', 'restore', 'delete']) ? DEBUG_NONE : DEBUG_DEVELOPER, true);
$CFG->debugdisplay = 1;
$CFG->noemailever = true;

/** A person with a password that the tests know. */
function person(string $username, string $first): int {
    global $DB, $CFG;
    if ($there = $DB->get_record('user', ['username' => $username])) {
        return (int) $there->id;
    }
    return user_create_user((object) [
        'username' => $username, 'password' => 'Passe-1234', 'firstname' => $first, 'lastname' => 'Essai', 'email' => "$username@example.org",
        'auth' => 'manual', 'confirmed' => 1, 'mnethostid' => $CFG->mnet_localhost_id, 'lang' => 'en',
    ]);
}

function instance(int $cmid): array {
    global $DB;
    list($course, $cm) = get_course_and_cm_from_cmid($cmid, 'fresque');
    return [$DB->get_record('fresque', ['id' => $cm->instance], '*', MUST_EXIST), $course, $cm];
}

$do = [
    // Settings of the plugin, and others by their plugin ("" for Moodle's own).
    'configure' => function (array $in) {
        foreach ($in as $plugin => $settings) {
            foreach ($settings as $name => $value) {
                set_config($name, $value, $plugin ?: null);
            }
        }
        return [];
    },
    // Activities of an earlier trial, whose service is gone, are forgotten; and its keys, of
    // which the newest may not sign yet.
    'begin' => function () {
        global $DB;
        $DB->set_field('fresque', 'board', '');
        unset_config('keyring', 'mod_fresque');
        $DB->delete_records('task_adhoc', ['component' => 'mod_fresque']);
        cache_helper::purge_all();
        return [];
    },
    // A course with a teacher, two students, and a group for one of them.
    'course' => function (array $in) {
        global $DB;
        $short = 'C' . uniqid();
        $course = create_course((object) [
            'fullname' => 'Cours ' . $short, 'shortname' => $short, 'category' => \core_course_category::get_default()->id,
            'enablecompletion' => 1, 'format' => 'topics', 'numsections' => 1,
        ]);
        $out = ['course' => (int) $course->id, 'shortname' => $short];
        $manual = enrol_get_plugin('manual');
        $enrol = $DB->get_record('enrol', ['courseid' => $course->id, 'enrol' => 'manual'], '*', MUST_EXIST);
        // Nobody is written to.
        $DB->set_field('enrol', 'customint1', 0, ['id' => $enrol->id]);
        $enrol->customint1 = 0;
        foreach (['teacher' => 'editingteacher', 'ada' => 'student', 'bob' => 'student'] as $username => $role) {
            $out[$username] = person($username, ucfirst($username));
            $manual->enrol_user($enrol, $out[$username], $DB->get_field('role', 'id', ['shortname' => $role]));
        }
        foreach (['ada' => 'Rouge', 'bob' => 'Bleu'] as $username => $name) {
            $group = groups_create_group((object) ['courseid' => $course->id, 'name' => $name]);
            groups_add_member($group, $out[$username]);
            $out["group_$username"] = (int) $group;
        }
        return $out;
    },
    // An activity, as its form would make it.
    'activity' => function (array $in) {
        global $DB;
        $info = create_module((object) ($in + [
            'modulename' => 'fresque', 'section' => 1, 'visible' => 1, 'visibleoncoursepage' => 1, 'name' => 'Mur',
            'introeditor' => ['text' => '<p>Dites <b>bonjour</b>.</p>', 'format' => FORMAT_HTML, 'itemid' => 0],
            'cmidnumber' => '', 'groupmode' => NOGROUPS, 'groupingid' => 0, 'availability' => null,
            'template' => '', 'layout' => '', 'moderation' => 'off', 'reactions' => '', 'anonymity' => 'named',
            'grade' => 0, 'gradefull' => 5, 'gradeby' => 2, 'completionposts' => 0, 'completionpeers' => 0, 'completionwords' => 0, 'completionreactions' => 0,
        ]));
        return ['cm' => (int) $info->coursemodule, 'board' => $DB->get_field('fresque', 'board', ['id' => $info->instance])];
    },
    'read' => function (array $in) {
        list($activity) = instance($in['cm']);
        return (array) $activity;
    },
    // What completion and the gradebook say of somebody.
    'standing' => function (array $in) {
        list($activity, $course, $cm) = instance($in['cm']);
        $data = (new completion_info($course))->get_data($cm, false, $in['user']);
        $grades = grade_get_grades($course->id, 'mod', 'fresque', $activity->id, $in['user']);
        $grade = $grades->items ? $grades->items[0]->grades[$in['user']]->grade : null;
        $counts = \mod_fresque\local\people::counts($activity->id, $in['user']);
        return ['complete' => $data->completionstate == COMPLETION_COMPLETE, 'grade' => $grade === null ? null : (float) $grade, 'counts' => $counts];
    },
    'change' => function (array $in) {
        list($activity, $course, $cm) = instance($in['cm']);
        list($cm, $context, $module, $data, $cw) = get_moduleinfo_data($cm->get_course_module_record(true), $course);
        $data = (object) ($in['with'] + (array) $data);
        $data->introeditor = ['text' => $activity->intro, 'format' => FORMAT_HTML, 'itemid' => 0];
        update_moduleinfo($cm, $data, $course);
        return [];
    },
    // A group of which nobody else is to know.
    'hidden_group' => function (array $in) {
        $group = groups_create_group((object) ['courseid' => $in['course'], 'name' => $in['name'], 'visibility' => GROUPS_VISIBILITY_NONE, 'participation' => 0]);
        groups_add_member($group, $in['user']);
        return [];
    },
    // Somebody in the course who never comes.
    'absent' => function (array $in) {
        $user = person('absent' . uniqid(), 'Absent');
        $GLOBALS['do']['enrol'](['course' => $in['course'], 'user' => $user, 'as' => 'student']);
        return ['user' => $user];
    },
    // What a deletion that broke off leaves: an activity without a course module.
    'orphan' => function (array $in) {
        global $DB;
        list($activity) = instance($in['cm']);
        unset($activity->id);
        return ['id' => $DB->insert_record('fresque', $activity)];
    },
    'orphan_gone' => function (array $in) {
        global $DB;
        $DB->delete_records('fresque_participation', ['fresqueid' => $in['id']]);
        $DB->delete_records('fresque', ['id' => $in['id']]);
        return [];
    },
    // All that runs in the background, now, however long it was to wait.
    'background' => function (array $in) {
        global $DB;
        ob_start();
        for ($i = 0; $i < 20; $i++) {
            $DB->set_field_select('task_adhoc', 'nextruntime', time() - 1, "component = 'mod_fresque'");
            $tasks = $DB->get_records_select('task_adhoc', "component = 'mod_fresque'");
            if (!$tasks || ($in['once'] ?? false) && $i) {
                break;
            }
            foreach ($tasks as $task) {
                $task = \core\task\manager::adhoc_task_from_record($task);
                $DB->delete_records('task_adhoc', ['id' => $task->get_id()]);
                $task->execute();
            }
        }
        if ($in['participation'] ?? false) {
            (new \mod_fresque\task\participation())->execute();
        }
        ob_end_clean();
        return ['waiting' => $DB->count_records('task_adhoc', ['component' => 'mod_fresque'])];
    },
    'duplicate' => function (array $in) {
        list($activity, $course, $cm) = instance($in['cm']);
        return ['cm' => (int) duplicate_module($course, $cm)->id];
    },
    // Backs a course up and restores it into a new one, with or without what people did.
    'restore' => function (array $in) {
        global $CFG, $DB;
        $admin = get_admin()->id;
        $backup = new backup_controller(backup::TYPE_1COURSE, $in['course'], backup::FORMAT_MOODLE, backup::INTERACTIVE_NO, backup::MODE_GENERAL, $admin);
        $backup->get_plan()->get_setting('users')->set_value($in['users']);
        $backup->execute_plan();
        $file = $backup->get_results()['backup_destination'];
        if ($in['between'] ?? 0) {
            // Deleted in the meantime, and gone from the service.
            course_delete_module($in['between']);
            $GLOBALS['do']['background']([]);
        }
        $dir = 'fresque' . uniqid();
        $file->extract_to_pathname(get_file_packer('application/vnd.moodle.backup'), make_backup_temp_directory($dir));
        $backup->destroy();
        $xml = '';
        foreach (glob("$CFG->tempdir/backup/$dir/activities/fresque_*/fresque.xml") as $one) {
            if ($in['forged'] ?? '') {
                // Somebody put another wall in the place of each.
                $forged = preg_replace('~<board>.*?</board>~', "<board>$in[forged]</board>", file_get_contents($one));
                file_put_contents($one, preg_replace('~<transfer>.*?</transfer>~s', '<transfer></transfer>', $forged));
            }
            $xml .= file_get_contents($one);
        }
        $course = restore_dbops::create_new_course('R' . uniqid(), 'R' . uniqid(), \core_course_category::get_default()->id);
        $restore = new restore_controller($dir, $course, backup::INTERACTIVE_NO, backup::MODE_GENERAL, $admin, backup::TARGET_NEW_COURSE);
        if (!$restore->execute_precheck()) {
            return ['refused' => $restore->get_precheck_results()];
        }
        $restore->execute_plan();
        $restore->destroy();
        $cms = get_fast_modinfo($course)->get_instances_of('fresque');
        return ['course' => (int) $course, 'cms' => array_values(array_map(function ($cm) {
            return (int) $cm->id;
        }, $cms)), 'xml' => $xml];
    },
    'reset' => function (array $in) {
        $status = reset_course_userdata((object) ['id' => $in['course'], 'courseid' => $in['course'], 'reset_fresque_contributions' => 1, 'reset_start_date_old' => 0]);
        return ['status' => $status];
    },
    'delete' => function (array $in) {
        course_delete_module($in['cm']);
        return [];
    },
    // What the privacy provider finds, exports and deletes.
    'privacy_export' => function (array $in) {
        $user = core_user::get_user($in['user'], '*', MUST_EXIST);
        $list = \mod_fresque\privacy\provider::get_contexts_for_userid($user->id);
        if (!count($list)) {
            return ['contexts' => 0, 'files' => []];
        }
        $approved = new \core_privacy\local\request\approved_contextlist($user, 'mod_fresque', $list->get_contextids());
        \mod_fresque\privacy\provider::export_user_data($approved);
        // The writer puts it all into a ZIP.
        $zip = \core_privacy\local\request\writer::with_context(\context_system::instance())->finalise_content();
        $files = [];
        $archive = new ZipArchive();
        $archive->open($zip);
        for ($i = 0; $i < $archive->numFiles; $i++) {
            $name = $archive->getNameIndex($i);
            $files[$name] = substr($name, -5) === '.json' || substr($name, -3) === '.js' ? substr($archive->getFromIndex($i), 0, 100000) : '';
        }
        return ['contexts' => count($list), 'files' => $files];
    },
    'privacy_delete' => function (array $in) {
        $user = core_user::get_user($in['user'], '*', MUST_EXIST);
        $list = \mod_fresque\privacy\provider::get_contexts_for_userid($user->id);
        \mod_fresque\privacy\provider::delete_data_for_user(new \core_privacy\local\request\approved_contextlist($user, 'mod_fresque', $list->get_contextids()));
        return ['left' => count(\mod_fresque\privacy\provider::get_contexts_for_userid($user->id))];
    },
    // On which walls a privacy request finds somebody, and whether their reference is known.
    'privacy_where' => function (array $in) {
        global $DB;
        $contexts = \mod_fresque\privacy\provider::get_contexts_for_userid($in['user'])->get_contexts();
        return ['cms' => array_map(function ($context) {
            return (int) $context->instanceid;
        }, array_values($contexts)), 'known' => $DB->record_exists('fresque_person', ['userid' => $in['user']])];
    },
    'privacy_metadata' => function () {
        $items = \mod_fresque\privacy\provider::get_metadata(new \core_privacy\local\metadata\collection('mod_fresque'))->get_collection();
        $missing = [];
        foreach ($items as $item) {
            foreach (array_merge([$item->get_summary()], array_values($item->get_privacy_fields())) as $key) {
                if (!get_string_manager()->string_exists($key, 'mod_fresque')) {
                    $missing[] = $key;
                }
            }
        }
        return ['items' => count($items), 'missing' => $missing];
    },
    // Somebody's ticket, as the activity's page asks for it: for its frame, or for a page of its own.
    'ticket' => function (array $in) {
        list($activity, $course, $cm) = instance($in['cm']);
        \core\session\manager::set_user(core_user::get_user($in['user'], '*', MUST_EXIST));
        try {
            return \mod_fresque\local\visit::of($activity, $course, $cm, context_module::instance($cm->id))->ticket($in['framed'] ?? false);
        } catch (\mod_fresque\local\fault $fault) {
            return ['fault' => $fault->reason, 'status' => $fault->status];
        }
    },
    // The connection test, with this site's clock ahead by so many seconds.
    'check' => function (array $in) {
        $GLOBALS['ahead'] = $in['ahead'] ?? 0;
        eval('namespace mod_fresque\local; function time() { return \time() + $GLOBALS["ahead"]; }');
        return \mod_fresque\local\connection::check();
    },
    'reference' => function (array $in) {
        return ['ref' => \mod_fresque\local\people::reference($in['user'])];
    },
    // Forgets when what people did was last asked for, and asks.
    'ask_again' => function (array $in) {
        global $DB;
        list($activity) = instance($in['cm']);
        $DB->set_field('fresque_participation', 'changedat', '', ['fresqueid' => $activity->id]);
        $activity->since = '';
        return ['taken' => \mod_fresque\local\walls::participation($activity)];
    },
    'enrol' => function (array $in) {
        global $DB;
        $enrol = $DB->get_record('enrol', ['courseid' => $in['course'], 'enrol' => 'manual'], '*', MUST_EXIST);
        $DB->set_field('enrol', 'customint1', 0, ['id' => $enrol->id]);
        $enrol->customint1 = 0;
        enrol_get_plugin('manual')->enrol_user($enrol, $in['user'], $DB->get_field('role', 'id', ['shortname' => $in['as'] ?? 'editingteacher']));
        return [];
    },
    // What the mobile app and other programs get, and what Moodle's own checks say of the plugin.
    'outside' => function (array $in) {
        global $DB;
        \core\session\manager::set_user(core_user::get_user($in['user'], '*', MUST_EXIST));
        $call = function (string $name) use ($in) {
            // As a web service does, but for the session that it asks for.
            $info = \core_external\external_api::external_function_info($name);
            $back = call_user_func([$info->classname, $info->methodname], $in['cm']);
            return \core_external\external_api::clean_returnvalue($info->returns_desc, $back);
        };
        return [
            'viewed' => $call('mod_fresque_view_fresque'),
            'ticket' => $call('mod_fresque_get_ticket'),
            'mobile' => \mod_fresque\output\mobile::course_view(['cmid' => $in['cm']])['templates'][0]['html'],
            'compliant' => (new \core_privacy\manager())->component_is_compliant('mod_fresque'),
            'schema' => array_filter($DB->get_manager()->check_database_schema($DB->get_manager()->get_install_xml_schema()), function ($errors, $table) {
                return strpos($table, 'fresque') === 0;
            }, ARRAY_FILTER_USE_BOTH),
        ];
    },
    // All that the service has of somebody.
    'at_service' => function (array $in) {
        return \mod_fresque\local\site::service()->all_of(\mod_fresque\local\reference::person(\mod_fresque\local\site::secret(), $in['user']));
    },
    'board' => function (array $in) {
        try {
            return \mod_fresque\local\site::service()->call('GET', "/boards/$in[board]");
        } catch (\mod_fresque\local\fault $fault) {
            return ['fault' => $fault->reason];
        }
    },
    'keyring' => function () {
        return ['fingerprint' => \mod_fresque\local\site::rotate()->fingerprint(time())];
    },
];

ob_start();
$answer = $do[$argv[2]](json_decode($argv[3] ?? '[]', true) ?? []);
$noise = trim(ob_get_clean());
if ($noise !== '') {
    fwrite(STDERR, $noise . "\n");
}
echo json_encode($answer, JSON_PARTIAL_OUTPUT_ON_ERROR), "\n";
