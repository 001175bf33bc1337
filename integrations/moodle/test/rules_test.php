<?php
// Rules, grades, and what of an activity the service is told.

use mod_fresque\local\errands;
use mod_fresque\local\rules;
use mod_fresque\local\wall;

function activity(array $fields = []): stdClass {
    return (object) ($fields + [
        'name' => 'Mur', 'layout' => '', 'moderation' => 'off', 'reactions' => '', 'anonymity' => 'named',
        'completionposts' => 0, 'completionpeers' => 0, 'completionwords' => 0, 'completionreactions' => 0,
        'gradeby' => 0, 'gradefull' => 5, 'grade' => 0,
    ]);
}

function counts(int $posts, int $comments = 0, int $peers = 0, int $words = 0, int $reactions = 0): stdClass {
    return (object) compact('posts', 'comments', 'peers', 'words', 'reactions');
}

return [
    'rules are told as the service measures' => function () {
        same(['rules' => []], rules::told(activity()));
        $told = rules::told(activity(['completionposts' => '2', 'completionpeers' => 3]));
        same(['rules' => [['measure' => 'posts', 'least' => 2], ['measure' => 'peers', 'least' => 3]]], $told);
    },
    'a rule is met from its least on' => function () {
        $activity = activity(['completionposts' => 2]);
        same([false, false, true, true], array_map(function (?stdClass $counts) use ($activity) {
            return rules::met($activity, 'completionposts', $counts);
        }, [null, counts(1), counts(2), counts(3)]));
        holds(rules::met($activity, 'completionwords', null), 'a rule that is off is not met');
    },
    'posts are asked for in sections' => function () {
        $activity = activity(['completionposts' => 1, 'completionsections' => rules::pack_sections([
            ['id' => 'a', 'title' => 'Idées', 'least' => 1], ['id' => 'b', 'title' => 'Questions', 'least' => 2],
        ])]);
        same([
            ['measure' => 'posts', 'least' => 1],
            ['measure' => 'posts', 'section' => 'a', 'least' => 1],
            ['measure' => 'posts', 'section' => 'b', 'least' => 2],
        ], rules::told($activity)['rules']);
        $counts = function (array $sections) {
            return (object) ((array) counts(3) + ['sections' => json_encode((object) $sections)]);
        };
        same([false, false, false, true], array_map(function (?stdClass $counts) use ($activity) {
            return rules::met($activity, rules::SECTIONS, $counts);
        }, [null, counts(3), $counts(['a' => 3, 'b' => 1]), $counts(['a' => 1, 'b' => 2])]));
        holds(rules::met($activity, 'completionposts', counts(1)), 'a rule about sections is one about all posts');
        $activity->gradeby = rules::GRADE_SHARE;
        same(2.5 / 3, rules::earned($activity, $counts(['a' => 1, 'b' => 1])));
        same([], rules::sections('') + rules::sections('nothing') + rules::sections('[{"id": "a", "least": 0}]'));
    },
    'posts follow a section that was removed' => function () {
        $activity = activity(['completionsections' => rules::pack_sections([['id' => 'a', 'title' => 'Idées', 'least' => 1]])]);
        $told = ['sections' => ['b' => 2, 'c' => 1], 'rules' => [['measure' => 'posts', 'least' => 1, 'have' => 3], ['measure' => 'posts', 'section' => 'b', 'least' => 1, 'have' => 2]]];
        same(['b' => 2, 'c' => 1, 'a' => 2], rules::posts_by_section($activity, $told));
        same(['b' => 2, 'c' => 1], rules::posts_by_section(activity(), $told));
        same([], rules::posts_by_section(activity(), []));
    },
    'the sections of a copy are other ones' => function () {
        $json = rules::pack_sections([['id' => 'a', 'title' => 'Idées', 'least' => 1]]);
        $copy = ['completion' => ['rules' => [['measure' => 'words', 'least' => 9], ['measure' => 'posts', 'section' => 'z', 'least' => 1]]]];
        same([['id' => 'z', 'title' => 'Idées', 'least' => 1]], rules::sections(rules::sections_on_copy($json, $copy)));
        same('', rules::sections_on_copy($json, []));
    },
    'somebody who did nothing has no grade' => function () {
        foreach ([rules::GRADE_ALL, rules::GRADE_SHARE, rules::GRADE_COUNT] as $by) {
            $activity = activity(['completionposts' => 1, 'gradeby' => $by]);
            same(null, rules::earned($activity, null));
            same(null, rules::earned($activity, counts(0)));
        }
        same(null, rules::earned(activity(['completionposts' => 1]), counts(1)), 'there is a grade where there are none');
        same(null, rules::earned(activity(['gradeby' => rules::GRADE_SHARE]), counts(1)), 'there is a grade without a rule');
    },
    'grades follow the rules' => function () {
        $two = ['completionposts' => 2, 'completionwords' => 100];
        same(0.75, rules::earned(activity($two + ['gradeby' => rules::GRADE_SHARE]), counts(2, 0, 0, 50)));
        same(0.0, rules::earned(activity($two + ['gradeby' => rules::GRADE_ALL]), counts(2, 0, 0, 99)));
        same(1.0, rules::earned(activity($two + ['gradeby' => rules::GRADE_ALL]), counts(2, 0, 0, 100)));
        same(0.6, rules::earned(activity(['gradeby' => rules::GRADE_COUNT]), counts(1, 2)));
        same(1.0, rules::earned(activity(['gradeby' => rules::GRADE_COUNT]), counts(9, 9)));
    },
    'a grade is points, or a step of a scale' => function () {
        same([null, 0.0, 15.0, 20.0], [rules::grade(null, 20), rules::grade(0.0, 20), rules::grade(0.75, 20), rules::grade(1.0, 20)]);
        same([1.0, 1.0, 2.0, 3.0], [rules::grade(0.0, -4, 3), rules::grade(0.3, -4, 3), rules::grade(0.5, -4, 3), rules::grade(1.0, -4, 3)]);
    },
    'only what was chosen is told' => function () {
        $told = wall::told(activity(['name' => ' Mur ', 'layout' => 'columns', 'reactions' => 'fireworks']), 'cm-3', 'Dites bonjour.', 1);
        same([
            'externalId' => 'cm-3', 'title' => 'Mur', 'description' => 'Dites bonjour.',
            'settings' => ['groups' => 'separate', 'layout' => 'columns', 'moderation' => 'off', 'anonymity' => 'named'],
            'completion' => ['rules' => []],
        ], $told);
    },
    'a description is told without its tags' => function () {
        same("Dites bonjour\u{a0}& merci.\nPuis\nécoutez <3", wall::plain("<p>Dites\n <b>bonjour</b>&nbsp;&amp; merci.</p> <p>Puis<br />écoutez &lt;3</p>"));
        same('', wall::plain('<p> </p>'));
    },
    'a title and a description fit' => function () {
        $told = wall::told(activity(['name' => str_repeat('é', 300)]), 'cm-3', str_repeat('à', 3000), 0);
        same([200, 2000], [mb_strlen($told['title']), mb_strlen($told['description'])]);
    },
    'only what has changed is told again' => function () {
        $before = wall::told(activity(['layout' => 'wall']), 'cm-3', '', 0);
        same([], wall::changes($before, $before));
        $now = wall::told(activity(['layout' => 'wall', 'anonymity' => 'peers', 'completionposts' => 1]), 'cm-3', '', 2);
        same([
            'settings' => ['groups' => 'visible', 'anonymity' => 'peers'],
            'completion' => ['rules' => [['measure' => 'posts', 'least' => 1]]],
        ], wall::changes(json_decode(json_encode($before), true), $now));
        same(['title' => 'Autre'], wall::changes($before, wall::told(activity(['layout' => 'wall', 'name' => 'Autre']), 'cm-3', '', 0)));
    },
    'the waits between tries grow, and are as long as the service asks' => function () {
        same([60, 120, 240, errands::LONGEST], [errands::delay(0, 0), errands::delay(1, 0), errands::delay(2, 0), errands::delay(40, 0)]);
        same(900, errands::delay(0, 900));
    },
];
