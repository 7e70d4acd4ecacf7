/* A yardstick: the model of a scenario in plain C, as the practical limit of one thread.

   plain WORLD FIRST_RUN RUNS [OUT]

   Reads the world that plain.py writes down (the same channels, menus, scores, numbers, rules, checks and events, and
   the same state at the start), simulates the runs one after the other and records into memory what an ensemble
   records. Prints the seconds that this took, reading the world not counted; OUT gets the arrays as they lie.

   Written as one would for speed without contortions: numbers that no run changes are worked out once, directions only
   where an actor acts, the effect of standing arrangements only when one begins or ends. The random words are those of
   tensionsim.rng, so all four of a Philox block are used: a block serves four runs, which are drawn together. */

#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OWN = 0, RULE = 1, STOPPED = 3 };
enum { WHETHER = 1, BY_RULE = 3, BY_DRIFT = 6, CHECK = 256 };
enum { SIDES = 1 << 12, REPEATS = 1 << 13 };  /* offspring: whose an act is, whether it repeats another */
enum { YIELDS, COMPLIES, REFUSES, COUNTERS, DENIES, ACCEPTS, CARRIES_OUT, RELIEVES, WAYS, QUADS = 3 };
enum { CONDUCT, PRESSURE, INDICATOR, INDEX, ISSUE, ARRANGEMENT, ALL, ANY, NONE };
enum { DRIVE_CONDUCT, DRIVE_INDICATOR, DRIVE_ARRANGEMENT };
enum { MOST_ENTRIES = 256, MOST_NAME = 64 };
static const double NEUTRAL = 50.0, MOST_RHETORIC = 2.0, MOST_LOG_CHANGE = 20.0, FADED = 0.125;

static void fail(const char *why, const char *what) {
    fprintf(stderr, "plain: %s %s\n", why, what);
    exit(2);
}

static void *room_for(size_t count, size_t size) {
    void *found = malloc(count ? count * size : 1);
    if (!found) fail("not enough memory for", "the arrays");
    return found;
}

static double least(double one, double other) { return one < other ? one : other; }
static double most(double one, double other) { return one > other ? one : other; }
static double within(double low, double value, double high) { return least(most(value, low), high); }

/* The world: named arrays of reals, whole numbers or 64-bit words, and pointers to those that are used. */

typedef struct {
    char name[MOST_NAME], kind;
    size_t count;
    void *values;
} Entry;

static Entry entries[MOST_ENTRIES];
static int entry_count;

static void read_value(FILE *file, Entry *entry, size_t at) {
    int read = 0;
    if (entry->kind == 'r') read = fscanf(file, "%lf", (double *)entry->values + at);
    if (entry->kind == 'i') read = fscanf(file, "%d", (int *)entry->values + at);
    if (entry->kind == 'u') {
        unsigned long long word;
        read = fscanf(file, "%llu", &word);
        ((uint64_t *)entry->values)[at] = word;
    }
    if (read != 1) fail("unreadable value of", entry->name);
}

static void read_world(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) fail("cannot open", path);
    Entry *entry = entries;
    while (fscanf(file, "%63s %c %zu", entry->name, &entry->kind, &entry->count) == 3) {
        entry->values = room_for(entry->count, 8);
        for (size_t at = 0; at < entry->count; at++) read_value(file, entry, at);
        entry++;
        if (++entry_count == MOST_ENTRIES) fail("too many entries in", path);
    }
    fclose(file);
}

static void *values_of(const char *name, char kind) {
    for (int at = 0; at < entry_count; at++)
        if (!strcmp(entries[at].name, name) && entries[at].kind == kind) return entries[at].values;
    fail("the world lacks", name);
    return NULL;
}

static const double *reals(const char *name) { return values_of(name, 'r'); }
static const int *wholes(const char *name) { return values_of(name, 'i'); }
static double real(const char *name) { return reals(name)[0]; }
static int whole(const char *name) { return wholes(name)[0]; }

/* Ragged lists: those of row r are rows[starts[r]] .. rows[starts[r + 1] - 1]. */
typedef struct {
    const int *starts, *rows;
} Lists;

static Lists lists(const char *name) {
    char starts[MOST_NAME];
    snprintf(starts, sizeof starts, "%s.starts", name);
    return (Lists){wholes(starts), wholes(name)};
}

static int C, P, A, K, I, N, M, T, E, CAP;  /* channels, pairs, actors, issues, indicators, instances, moves, steps */
static int B, S, MATTERS, LINES;  /* bars of a move, matters of a move, kinds of matters, lines they are raised on */
static int dyads, rules, checks, events, timers;
static double dt, bias, intensity, cost, tone_prior, verbal_weight, substitution, index_scale, sympathy_gain;
static double own_fast, own_slow, other_fast, other_slow, heat_intensity, heat_rhetoric;
static double asked, overdispersion, imitation, drift;
static double keep_fast, keep_slow, keep_index, keep_rhetoric, keep_engagement, keep_sympathy, keep_expectations;
static const int *actor_of, *issue_of, *pair_of, *mirror_of, *twin_of, *is_political, *pair_actor, *pair_target,
    *opposite;
static const double *base_rate, *weight, *heat, *stances, *stated_dependence;
static const double *base_rhetoric, *rally, *confrontation, *reciprocity, *unpredictability, *insulation;
static Lists linked, triangle, sibling, alternative, blamed, standing, menu, gated, facing, drive, drive_rows;
static Lists check_stops;
static const double *triangle_affinity, *sibling_share, *alternative_share, *blamed_yardstick, *standing_score;
static const double *menu_score, *menu_hostile, *menu_log_frequency, *quad_worth, *way_worth, *keep_matters;
static const int *menu_quad, *menu_way, *is_on_menu, *line, *presupposed, *settled, *raised, *bars;
static const int *begins, *ends, *is_material, *shifts_something, *is_open;
static const double *move_score, *shift_by, *shift_share, *shift_stance, *shift_rhetoric, *shift_expectations;
static const double *reference, *return_keep, *floor_of, *ceiling_of, *log_growth, *rest, *drive_effect;
static const int *is_relative, *drive_kind, *drive_hostile;
static const int *regional_pair;
static const double *regional_liking;
static int regional_pairs;
static const int *dyad, *dyad_issue, *principal_pair;
static const double *dyad_share, *issue_weight, *pillar_share;
static double pillar_keep;
static const uint64_t *key, *stream, *rule_stream, *check_stream, *drift_stream;
static const int *rule_channel, *rule_move, *rule_cooldown, *rule_question, *check_actor, *event_question;
static const double *rule_chance, *check_chance;
static const int *node_kind, *node_wanted, *node_needed, *node_timer;
static const double *node_above, *node_below;
static Lists node_rows;

/* The numbers of the mechanisms. */
static double inertia_fast, inertia_slow, reciprocity_fast, reciprocity_slow, reciprocity_linkage, disagreement_strength,
    politicisation_strength, concession_strength, defiance_strength, rupture_strength, rupture_floor, spill_over,
    functional, triangularity_strength, performance_strength, diversification_strength, embolden, harden,
    concession_answers, defiance_answers, politicisation_answers;

static void find_sizes(void) {
    C = whole("channels"), P = whole("pairs"), A = whole("actors"), K = whole("issues"), I = whole("indicators");
    N = whole("instances"), M = whole("moves"), T = whole("steps"), E = whole("effects"), CAP = whole("cap");
    dyads = whole("dyads"), rules = whole("rules"), checks = whole("checks"), events = whole("events");
    timers = whole("timers"), regional_pairs = whole("regional_pairs");
    B = whole("bars_of_a_move"), S = whole("matters_of_a_move"), MATTERS = whole("matters"), LINES = whole("lines");
    asked = real("asked"), overdispersion = real("overdispersion"), imitation = real("imitation");
    drift = real("drift") * sqrt(real("dt_months") / 12.0);
    dt = real("dt_months"), bias = real("bias"), intensity = real("intensity"), cost = real("cost");
    tone_prior = real("tone_prior"), verbal_weight = real("verbal_weight"), substitution = real("substitution");
    index_scale = real("index_scale"), sympathy_gain = real("sympathy_gain");
    own_fast = real("own_fast"), own_slow = real("own_slow");
    other_fast = real("other_fast"), other_slow = real("other_slow");
    heat_intensity = real("heat_intensity"), heat_rhetoric = real("heat");
    keep_fast = real("keep_fast"), keep_slow = real("keep_slow"), keep_index = real("keep_index");
    keep_rhetoric = real("keep_rhetoric"), keep_engagement = real("keep_engagement");
    keep_sympathy = real("keep_sympathy"), keep_expectations = real("keep_expectations");
}

static void find_mechanisms(void) {
    inertia_fast = real("inertia.fast"), inertia_slow = real("inertia.slow");
    reciprocity_fast = real("reciprocity.fast"), reciprocity_slow = real("reciprocity.slow");
    reciprocity_linkage = real("reciprocity.linkage"), disagreement_strength = real("disagreement.strength");
    politicisation_strength = real("politicisation.strength"), concession_strength = real("concession.strength");
    defiance_strength = real("defiance.strength"), rupture_strength = real("rupture_avoidance.strength");
    rupture_floor = real("rupture_avoidance.floor"), spill_over = real("insulation.spill_over");
    functional = real("insulation.functional"), triangularity_strength = real("triangularity.strength");
    performance_strength = real("performance.strength"), diversification_strength = real("diversification.strength");
    embolden = real("contagion.embolden"), harden = real("contagion.harden");
    concession_answers = real("concession.answers"), defiance_answers = real("defiance.answers");
    politicisation_answers = real("politicisation.answers"), way_worth = reals("way_worth");
}

static void find_actors_and_channels(void) {
    actor_of = wholes("actor"), issue_of = wholes("issue"), pair_of = wholes("pair"), mirror_of = wholes("mirror");
    twin_of = wholes("twin"), is_political = wholes("is_political"), pair_actor = wholes("pair_actor");
    pair_target = wholes("pair_target"), opposite = wholes("opposite"), is_open = wholes("is_open");
    base_rate = reals("base_rate"), weight = reals("weight"), heat = reals("nearness"), stances = reals("stances");
    stated_dependence = reals("dependence"), base_rhetoric = reals("base_rhetoric"), rally = reals("rally");
    confrontation = reals("confrontation"), reciprocity = reals("reciprocity"), insulation = reals("insulation");
    unpredictability = reals("unpredictability"), linked = lists("linked"), triangle = lists("triangle");
    triangle_affinity = reals("triangle_affinity"), sibling = lists("sibling"), sibling_share = reals("sibling_share");
    alternative = lists("alternative"), alternative_share = reals("alternative_share"), blamed = lists("blamed");
    blamed_yardstick = reals("blamed_yardstick"), regional_pair = wholes("regional_pair");
    regional_liking = reals("regional_liking");
}

static void find_moves_and_indicators(void) {
    standing = lists("standing"), standing_score = reals("standing_score"), menu = lists("menu"), gated = lists("gated");
    facing = lists("facing"), quad_worth = reals("quad_worth"), menu_quad = wholes("menu_quad");
    menu_way = wholes("menu_way"), is_on_menu = wholes("is_on_menu"), line = wholes("line"), bars = wholes("bars");
    presupposed = wholes("presupposed"), settled = wholes("settled"), raised = wholes("raised");
    keep_matters = reals("keep_matters");
    menu_score = reals("menu_score"), menu_hostile = reals("menu_hostile");
    menu_log_frequency = reals("menu_log_frequency"), begins = wholes("begins"), ends = wholes("ends");
    is_material = wholes("is_material"), shifts_something = wholes("shifts_something");
    move_score = reals("move_score"), shift_by = reals("shift_by"), shift_share = reals("shift_share");
    shift_stance = reals("shift_stance"), shift_rhetoric = reals("shift_rhetoric");
    shift_expectations = reals("shift_expectations"), reference = reals("reference");
    return_keep = reals("return_keep"), floor_of = reals("floor"), ceiling_of = reals("ceiling");
    log_growth = reals("log_growth"), rest = reals("rest"), is_relative = wholes("is_relative"), drive = lists("drive");
    drive_kind = wholes("drive_kind"), drive_hostile = wholes("drive_hostile"), drive_effect = reals("drive_effect");
    drive_rows = lists("drive_rows");
}

static void find_measures_and_rules(void) {
    dyad = wholes("dyad"), dyad_issue = wholes("dyad_issue"), dyad_share = reals("dyad_share");
    issue_weight = reals("issue_weight"), pillar_share = reals("pillar_share"), pillar_keep = real("pillar_keep");
    principal_pair = wholes("principal_pair"), key = values_of("key", 'u'), stream = values_of("stream", 'u');
    drift_stream = values_of("drift_stream", 'u');
    rule_stream = values_of("rule_stream", 'u'), check_stream = values_of("check_stream", 'u');
    rule_channel = wholes("rule_channel"), rule_move = wholes("rule_move"), rule_chance = reals("rule_chance");
    rule_cooldown = wholes("rule_cooldown"), rule_question = wholes("rule_question"), check_stops = lists("stops");
    check_actor = wholes("check_actor"), check_chance = reals("check_chance");
    event_question = wholes("event_question"), node_kind = wholes("node_kind"), node_wanted = wholes("node_wanted");
    node_needed = wholes("node_needed"), node_timer = wholes("node_timer"), node_above = reals("node_above");
    node_below = reals("node_below"), node_rows = lists("node_rows");
}

/* The state of the run in work, and what is seen of it. */

static double *net_fast, *net_slow, *acts_fast, *acts_slow, *verbal, *material, *stance_shift, *rhetoric, *sympathy,
    *engagement, *expectations, *value, *wandered;
static double *fresh;            /* of each matter; one more that is never and one that is always open */
static unsigned char *in_force;  /* two more than instances: one never, one always in force */
static int *spell, *ready, step_now;

static double *conduct, *pair_conduct, *friendly, *pressure, *received, *dependence, *issue_index, *standing_now;
static double *verbal_flow, *material_flow, *acts_flow, *net_flow, *utility, *beyond, index_now, pillar, *expected;
static int *chosen, *cause, *chosen_count;

static double *zeros(int count) { return memset(room_for((size_t)count, sizeof(double)), 0, (size_t)count * 8); }

static void make_room(void) {
    net_fast = zeros(C), net_slow = zeros(C), acts_fast = zeros(C), acts_slow = zeros(C), verbal = zeros(C);
    material = zeros(C), stance_shift = zeros(A * K), rhetoric = zeros(A), sympathy = zeros(A), engagement = zeros(P);
    expectations = zeros(P), value = zeros(I), in_force = room_for((size_t)N + 2, 1);
    wandered = zeros(1), fresh = zeros(MATTERS * LINES + 2), expected = zeros(C);
    spell = room_for((size_t)timers, sizeof(int)), ready = room_for((size_t)rules, sizeof(int));
    conduct = zeros(C), pair_conduct = zeros(P), friendly = zeros(P), pressure = zeros(P), received = zeros(A);
    dependence = zeros(P), issue_index = zeros(K), standing_now = zeros(C), verbal_flow = zeros(C);
    material_flow = zeros(C), acts_flow = zeros(C), net_flow = zeros(C), utility = zeros(menu.starts[C]), beyond = zeros(I);
    chosen = room_for((size_t)(C * CAP), sizeof(int)), cause = room_for((size_t)(C * CAP), sizeof(int));
    chosen_count = room_for((size_t)C, sizeof(int));
}

/* Random words: Philox 4x64-10 (Salmon et al. 2011), keyed as in tensionsim.rng. */

static uint64_t high_product(uint64_t one, uint64_t other, uint64_t *low) {
    __extension__ typedef unsigned __int128 Wide;
    Wide product = (Wide)one * other;
    *low = (uint64_t)product;
    return (uint64_t)(product >> 64);
}

static void philox(uint64_t block, uint64_t position, uint64_t of_stream, uint64_t purpose, uint64_t out[4]) {
    uint64_t c0 = block + 1, c1 = position, c2 = of_stream, c3 = purpose, k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        uint64_t low0, low1;
        uint64_t high0 = high_product(UINT64_C(0xD2E7470EE14C6C93), c0, &low0);
        uint64_t high1 = high_product(UINT64_C(0xCA5A826395121157), c2, &low1);
        c0 = high1 ^ c1 ^ k0, c1 = low1, c2 = high0 ^ c3 ^ k1, c3 = low0;
        k0 += UINT64_C(0x9E3779B97F4A7C15), k1 += UINT64_C(0xBB67AE8584CAA73B);
    }
    out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

static double open_uniform(uint64_t word) { return ((double)(word >> 12) + 0.5) * 0x1p-52; }

static double uniform(long run, uint64_t of_stream, int purpose) {
    uint64_t words[4];
    philox((uint64_t)run / 4, (uint64_t)step_now, of_stream, (uint64_t)purpose, words);
    return open_uniform(words[run % 4]);
}

/* The nth output of the SplitMix64 (Steele et al. 2014) that a word seeds: which move, where it made an act. */
static double offspring(uint64_t word, int nth) {
    uint64_t mixed = word + ((uint64_t)nth + 1) * UINT64_C(0x9E3779B97F4A7C15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94D049BB133111EB);
    return open_uniform(mixed ^ (mixed >> 31));
}

static uint64_t *whether;  /* by step, channel and run of the block */

static void draw_whether(long run) {
    for (int step = 0; step < T; step++)
        for (int c = 0; c < C; c++)
            philox((uint64_t)run / 4, (uint64_t)step, stream[c], WHETHER, whether + ((size_t)step * C + c) * 4);
}

/* Seeing: what follows from the state alone, at every date. */

static void look(void) {
    for (int p = 0; p < P; p++) pair_conduct[p] = friendly[p] = pressure[p] = 0.0;
    for (int a = 0; a < A; a++) received[a] = 0.0;
    for (int k = 0; k < K; k++) issue_index[k] = 0.0;
    for (int c = 0; c < C; c++) {
        double done = verbal[c] + material[c];
        conduct[c] = done;
        pair_conduct[pair_of[c]] += done;
        friendly[pair_of[c]] += most(0.0, done);
        pressure[pair_of[c]] += most(0.0, -(material[c] + verbal_weight * verbal[c]));
    }
    for (int p = 0; p < P; p++) {
        received[pair_target[p]] += pressure[p];
        dependence[p] = stated_dependence[p] * (1.0 - substitution * engagement[p]);
    }
    for (int d = 0; d < dyads; d++) issue_index[dyad_issue[d]] += dyad_share[d] * conduct[dyad[d]];
    double total = 0.0;
    for (int k = 0; k < K; k++) {
        double level = tanh(issue_index[k] / index_scale);
        total += issue_weight[k] * level;
        issue_index[k] = NEUTRAL * (1.0 + level);
    }
    index_now = NEUTRAL * (1.0 + total);
}

static double engaged(int patron) {
    double total = 0.0;
    for (int at = alternative.starts[patron]; at < alternative.starts[patron + 1]; at++)
        total += alternative_share[at] * most(0.0, pair_conduct[alternative.rows[at]]);
    return least(total, 1.0);
}

static double room_of(int pair) {
    double pressed = pressure[opposite[pair]], total = pressed + friendly[opposite[pair]];
    return 1.0 - dependence[pair] * (total > 0.0 ? pressed / total : 0.0);
}

static double room_for_manoeuvre(void) {
    int first = principal_pair[0], second = principal_pair[1];
    return room_of(dependence[second] >= dependence[first] ? second : first);
}

/* Direction: the twelve mechanisms in one channel. */

static double stance(int a, int k) { return within(0.0, stances[a * K + k] + stance_shift[a * K + k], 1.0); }
static double tone_fast(int c) { return net_fast[c] / (acts_fast[c] + tone_prior); }
static double tone_slow(int c) { return net_slow[c] / (acts_slow[c] + tone_prior); }

static double agreement(int c) {
    int k = issue_of[c], p = pair_of[c];
    return 1.0 - 2.0 * fabs(stance(pair_actor[p], k) - stance(pair_target[p], k));
}

static double heard(int c) {
    double tone = reciprocity_fast * tone_fast(c) + reciprocity_slow * tone_slow(c);
    return tone < 0.0 ? tone : tone * (1.0 + agreement(c)) * 0.5;
}

static double answer(int c) {
    int from = linked.starts[c], to = linked.starts[c + 1];
    double direct = heard(mirror_of[c]), elsewhere = 0.0;
    if (from == to) return direct;
    for (int at = from; at < to; at++) elsewhere += heard(mirror_of[linked.rows[at]]);
    return (1.0 - reciprocity_linkage) * direct + reciprocity_linkage * elsewhere / (to - from);
}

static double treatment_of_friends(int p) {
    double total = 0.0;
    for (int at = triangle.starts[p]; at < triangle.starts[p + 1]; at++)
        total += triangle_affinity[at] * pair_conduct[triangle.rows[at]];
    return total;
}

static double pull_of_alternative(int p) {
    double total = 0.0;
    for (int at = sibling.starts[p]; at < sibling.starts[p + 1]; at++) {
        int patron = sibling.rows[at];
        total += sibling_share[at] * dependence[patron] * pressure[opposite[patron]];
    }
    return total;
}

static double grievance(int c) {
    double total = 0.0;
    for (int at = blamed.starts[c]; at < blamed.starts[c + 1]; at++) {
        int row = blamed.rows[at];
        total += blamed_yardstick[at] * (value[row] / reference[row] - 1.0);
    }
    return total;
}

static double of_its_track(int c, int i, int p, double agreed) {
    double felt = pressure[opposite[p]];
    double twin = twin_of[c] < 0 ? 0.0 : 0.5 * tone_fast(twin_of[c]) + 0.5 * tone_slow(twin_of[c]);
    if (!is_political[c])
        return concession_strength * dependence[p] * felt + spill_over * (1.0 - insulation[i]) * twin;
    double example = sympathy[i] * dependence[p];
    double other = sympathy[pair_target[p]] * dependence[opposite[p]];
    return functional * twin - politicisation_strength * rhetoric[i] * weight[c] * (1.0 - agreed) * 0.5 -
           defiance_strength * rhetoric[i] * (1.0 + sympathy[i]) * felt - (embolden * example + harden * other);
}

static double direction(int c) {
    int i = actor_of[c], p = pair_of[c];
    double agreed = agreement(c), total = bias + *wandered + expectations[p];
    total += inertia_fast * tone_fast(c) + inertia_slow * tone_slow(c);
    total += reciprocity[i] * answer(c);
    total += disagreement_strength * weight[c] * agreed * (agreed < 0.0 ? confrontation[i] : 1.0);
    total += of_its_track(c, i, p, agreed);
    total += rupture_strength * dependence[p] * most(0.0, -conduct[c] - rupture_floor);
    total += triangularity_strength * treatment_of_friends(p);
    total -= performance_strength * grievance(c);
    total += diversification_strength * pull_of_alternative(p);
    return total / unpredictability[i];
}

/* Deciding: how many acts, and which moves. */

static size_t effect(int nth, int move, int c) { return ((size_t)nth * M + move) * C + c; }

/* The row of `fresh` that a matter's code means in a channel: of the other side, of one's own, never or always open. */
static int matter(int code, int c) {
    int whose = code / MATTERS;
    return whose < 2 ? code % MATTERS * LINES + line[whose * C + c] : MATTERS * LINES + code - 2 * MATTERS;
}

static int can_be_made(int move, int c) {
    int begun = 1, endable = 0, barred = 0, asked_for = 0;
    for (int nth = 0; nth < E; nth++) {
        begun &= in_force[begins[effect(nth, move, c)]];
        endable |= in_force[ends[effect(nth, move, c)]];
    }
    for (int nth = 0; nth < B && bars[effect(nth, move, c)] < N; nth++) barred |= in_force[bars[effect(nth, move, c)]];
    for (int nth = 0; nth < S; nth++) asked_for |= fresh[matter(presupposed[nth * M + move], c)] > 0.0;
    return endable && asked_for && !begun && !barred;
}

static int is_lasting(int move, int c) { return begins[effect(0, move, c)] < N || ends[effect(0, move, c)] < N; }

static int how_many(double mean, double drawn) {
    if (drawn <= 1.0 - mean) return 0;  /* as exp(-x) >= 1 - x */
    double term = exp(-mean), cumulative = term;
    if (!(drawn > cumulative)) return 0;
    for (int acts = 1; acts < CAP; acts++) {
        term = term * mean / acts;
        cumulative += term;
        if (!(drawn > cumulative)) return acts;
    }
    return CAP;
}

static int how_many_together(double mean, double drawn) {
    double spread = overdispersion * mean, term = exp(-log1p(spread) / overdispersion), cumulative = term;
    int acts = 0;
    while (drawn > cumulative && acts < 2 * CAP) {
        term = term * mean * (1.0 + overdispersion * acts) / ((acts + 1.0) * (1.0 + spread));
        cumulative += term, acts++;
    }
    return acts;
}

/* What answering in each way adds to the utility of a move. */
static void weigh_answers(int c, double worth[WAYS]) {
    int i = actor_of[c];
    double yielding = concession_answers * dependence[pair_of[c]];
    double defying = defiance_answers * rhetoric[i] * (1.0 + sympathy[i]);
    double felt[WAYS] = {[YIELDS] = yielding, [COMPLIES] = yielding, [REFUSES] = defying, [COUNTERS] = defying};
    felt[DENIES] = politicisation_answers * rhetoric[i];
    for (int way = 0; way < WAYS; way++) {
        double freshest = 0.0;
        for (int at = facing.starts[way * C + c]; at < facing.starts[way * C + c + 1]; at++)
            freshest = most(freshest, fresh[facing.rows[at]]);
        worth[way] = (way_worth[way] + felt[way]) * freshest;
    }
}

/* Fills `utility` with the weights of the menu, cumulated; returns their sum. */
static double weigh_menu(int c) {
    int from = menu.starts[c], to = menu.starts[c + 1];
    double towards = direction(c), restraint = cost * dependence[pair_of[c]], best = -INFINITY, total = 0.0;
    double taste = intensity + heat_intensity * heat[actor_of[c] * (T + 1) + step_now];
    double answers[WAYS + 1] = {0.0}, quads[QUADS + 1] = {0.0};
    weigh_answers(c, answers + 1);
    memcpy(quads + 1, quad_worth + actor_of[c] * QUADS, QUADS * sizeof(double));
    for (int at = from; at < to; at++) {
        double score = menu_score[at];
        utility[at] = score * towards + fabs(score) * taste - restraint * menu_hostile[at] + menu_log_frequency[at] +
                      quads[menu_quad[at]] + answers[menu_way[at]];
    }
    for (int at = gated.starts[c]; at < gated.starts[c + 1]; at++)
        if (!can_be_made(menu.rows[gated.rows[at]], c)) utility[gated.rows[at]] = -INFINITY;
    for (int at = from; at < to; at++) best = most(best, utility[at]);
    for (int at = from; at < to && best > -INFINITY; at++) utility[at] = total += exp(utility[at] - best);
    return total;
}

static int pick(int c, double threshold) {
    int at = menu.starts[c];
    while (at < menu.starts[c + 1] - 1 && utility[at] <= threshold) at++;
    return menu.rows[at];
}

static void choose(int c, uint64_t word) {
    double total = weigh_menu(c);
    for (int nth = 0; nth < chosen_count[c]; nth++) {
        chosen[c * CAP + nth] = total > 0.0 ? pick(c, offspring(word, nth) * total) : -1;
        cause[c * CAP + nth] = OWN;
    }
}

/* Acts of an episode, one after the other, may repeat earlier ones. */
static void imitate(int first, const uint64_t *drawn) {
    int made[2 * CAP], before = 0;
    for (int side = 0; side < 2; side++) {
        int c = side ? mirror_of[first] : first;
        for (int nth = 0; nth < chosen_count[c]; nth++, before++) {
            int open[2 * CAP], some = 0, *own = chosen + c * CAP + nth;
            for (int at = 0; at < before; at++)
                if (made[at] >= 0 && is_on_menu[made[at] * C + c] && can_be_made(made[at], c)) open[some++] = made[at];
            double lot = offspring(drawn[c * 4], REPEATS + nth) * (1.0 + imitation * some) - 1.0;
            if (some && lot >= 0.0) *own = open[(int)least(floor(lot / imitation), some - 1)];
            made[before] = *own;
        }
    }
}

/* Leaves out acts without a move, and lasting moves that the channel has made already. */
static void leave_once(int c) {
    int kept = 0, from = c * CAP;
    for (int nth = 0; nth < chosen_count[c]; nth++) {
        int move = chosen[from + nth], again = move < 0;
        for (int at = 0; at < kept && !again; at++) again = chosen[from + at] == move && is_lasting(move, c);
        if (!again) chosen[from + kept++] = move;
    }
    chosen_count[c] = kept;
}

/* The acts of a channel and its mirror, drawn together, and whose each is. */
static void count_together(int c, uint64_t word) {
    int m = mirror_of[c];
    double both = expected[c] + expected[m];
    for (int nth = 0, acts = how_many_together(both, open_uniform(word)); nth < acts; nth++) {
        int whose = offspring(word, SIDES + nth) < expected[c] / both ? c : m;
        if (chosen_count[whose] < CAP) chosen_count[whose]++;
    }
}

static double matters_put_to(int c) {
    double total = 0.0;
    for (int kind = 0; kind < MATTERS; kind++) total += fresh[kind * LINES + line[c]];
    return total;
}

static void count_acts(const uint64_t *drawn) {
    for (int c = 0; c < C; c++) {
        int m = mirror_of[c];
        double rate = base_rate[c] + (own_fast * acts_fast[c] + own_slow * acts_slow[c]) +
                      (other_fast * acts_fast[m] + other_slow * acts_slow[m]);
        if (asked > 0.0) rate += asked * matters_put_to(c);
        expected[c] = is_open[c] ? rate * dt : 0.0;
        chosen_count[c] = overdispersion > 0.0 ? 0 : how_many(expected[c], open_uniform(drawn[c * 4]));
    }
    for (int c = 0; c < C && overdispersion > 0.0; c++)
        if (c < mirror_of[c]) count_together(c, drawn[c * 4]);
}

static void decide(long run) {
    const uint64_t *drawn = whether + (size_t)step_now * C * 4 + run % 4;
    count_acts(drawn);
    for (int c = 0; c < C; c++)
        if (chosen_count[c]) choose(c, drawn[c * 4]);
    for (int c = 0; c < C && imitation > 0.0; c++)
        if (c < mirror_of[c] && chosen_count[c] + chosen_count[mirror_of[c]] > 1) imitate(c, drawn);
    for (int c = 0; c < C; c++)
        if (chosen_count[c]) leave_once(c);
}

/* Conditions, rules and checks. */

static double observed(int node) {
    double total = 0.0;
    int row = node_rows.rows[node_rows.starts[node]];
    if (node_kind[node] == INDEX) return index_now;
    if (node_kind[node] == ISSUE) return issue_index[row];
    if (node_kind[node] == INDICATOR) return value[row];
    for (int at = node_rows.starts[node]; at < node_rows.starts[node + 1]; at++)
        total += (node_kind[node] == PRESSURE ? pressure : conduct)[node_rows.rows[at]];
    return total;
}

static int ask(int node) {
    int every = 1, some = 0, holds, kind = node_kind[node], from = node_rows.starts[node];
    if (kind >= ARRANGEMENT) {
        for (int at = from; at < node_rows.starts[node + 1]; at++) {
            int part = kind == ARRANGEMENT ? in_force[node_rows.rows[at]] : ask(node_rows.rows[at]);
            every &= part, some |= part;
        }
        holds = kind == ALL ? every : kind == ANY ? some : kind == NONE ? !some : some == node_wanted[node];
    } else {
        double found = observed(node);
        holds = found > node_above[node] && found < node_below[node];
    }
    if (!node_needed[node]) return holds;
    int *held = spell + node_timer[node];
    *held = holds ? *held + 1 : 0;
    return *held >= node_needed[node];
}

static void follow_rules(long run) {
    unsigned long long taken = 0;
    for (int rule = 0; rule < rules; rule++) {
        int holds = ask(rule_question[rule]), c = rule_channel[rule];
        if (!holds || ready[rule] > step_now || (taken >> c & 1)) continue;
        if (!(uniform(run, rule_stream[rule], BY_RULE) < rule_chance[rule])) continue;
        if (!can_be_made(rule_move[rule], c)) continue;
        taken |= 1ULL << c;
        ready[rule] = step_now + rule_cooldown[rule];
        chosen[c * CAP] = rule_move[rule], cause[c * CAP] = RULE, chosen_count[c] = 1;
    }
}

static int is_stoppable(int check, int move) {
    for (int at = check_stops.starts[check]; at < check_stops.starts[check + 1]; at++)
        if (check_stops.rows[at] == move) return 1;
    return 0;
}

static void stop_by_checks(long run) {
    for (int check = 0; check < checks; check++)
        for (int c = 0; c < C; c++)
            for (int nth = 0, before = 0; actor_of[c] == check_actor[check] && nth < chosen_count[c]; nth++) {
                if (cause[c * CAP + nth] > RULE || !is_stoppable(check, chosen[c * CAP + nth])) continue;
                double drawn = uniform(run, check_stream[check * C + c], CHECK + before++);
                if (drawn < check_chance[check]) cause[c * CAP + nth] = STOPPED;
            }
}

/* Acting: arrangements, matters, shifts, memories. */

static int change(int c, const int *effects, unsigned char now) {
    int changed = 0;
    for (int at = c * CAP; at < c * CAP + chosen_count[c]; at++)
        for (int nth = 0; nth < E && cause[at] != STOPPED; nth++) {
            int row = effects[effect(nth, chosen[at], c)];
            if (row < N) changed |= in_force[row] != now, in_force[row] = now;
        }
    return changed;
}

static void stir(int c, const int *matters, double now) {
    for (int at = c * CAP; at < c * CAP + chosen_count[c]; at++)
        for (int nth = 0; nth < S && cause[at] != STOPPED; nth++) {
            int row = matter(matters[nth * M + chosen[at]], c);
            if (row < MATTERS * LINES) fresh[row] = now;
        }
}

static void stand(void) {
    for (int c = 0; c < C; c++) {
        double total = 0.0;
        for (int at = standing.starts[c]; at < standing.starts[c + 1]; at++)
            total += in_force[standing.rows[at]] * standing_score[at];
        standing_now[c] = total;
    }
}

static int shift_first(int c) {
    int some = 0;
    for (int at = c * CAP; at < c * CAP + chosen_count[c]; at++) {
        if (cause[at] == STOPPED || !shifts_something[chosen[at]]) continue;
        for (int row = 0; row < I; row++) value[row] *= 1.0 + shift_share[row * M + chosen[at]];
        some = 1;
    }
    return some;
}

static void shift(int c) {
    int i = actor_of[c], p = pair_of[c];
    for (int at = c * CAP; at < c * CAP + chosen_count[c]; at++) {
        if (cause[at] == STOPPED || !shifts_something[chosen[at]]) continue;
        for (int row = 0; row < I; row++) value[row] += shift_by[row * M + chosen[at]];
        stance_shift[i * K + issue_of[c]] += shift_stance[chosen[at]];
        rhetoric[i] += shift_rhetoric[chosen[at]];
        expectations[p] += shift_expectations[chosen[at]];
        expectations[opposite[p]] += shift_expectations[chosen[at]];
    }
}

static void keep_within_bounds(void) {
    for (int row = 0; row < I; row++) value[row] = within(floor_of[row], value[row], ceiling_of[row]);
    for (int at = 0; at < A * K; at++) stance_shift[at] = within(-stances[at], stance_shift[at], 1.0 - stances[at]);
}

static void sum_up(int c) {
    verbal_flow[c] = material_flow[c] = acts_flow[c] = 0.0;
    for (int at = c * CAP; at < c * CAP + chosen_count[c]; at++) {
        if (cause[at] == STOPPED) continue;
        (is_material[chosen[at]] ? material_flow : verbal_flow)[c] += move_score[chosen[at]];
        acts_flow[c] += 1.0;
    }
}

static double remember(double old, double flow, double keep) { return keep * old + (1.0 - keep) * flow; }

static void remember_all(double *restrict memory, const double *restrict flow, double keep) {
    for (int c = 0; c < C; c++) memory[c] = remember(memory[c], flow[c], keep);
}

static void act(void) {
    int changed = 0, shifted = 0;
    for (int c = 0; c < C; c++) sum_up(c), shifted |= shift_first(c);
    for (int c = 0; c < C && shifted; c++) shift(c);
    if (shifted) keep_within_bounds();
    for (int c = 0; c < C; c++) changed |= change(c, ends, 0);
    for (int c = 0; c < C; c++) changed |= change(c, begins, 1);
    if (changed) stand();
    for (int c = 0; c < C; c++) stir(c, settled, 0.0);
    for (int c = 0; c < C; c++) stir(c, raised, 1.0);
    for (int c = 0; c < C; c++) net_flow[c] = (verbal_flow[c] + material_flow[c]) / dt;
    for (int c = 0; c < C; c++) {
        acts_flow[c] /= dt, verbal_flow[c] /= dt;
        material_flow[c] = material_flow[c] / dt + standing_now[c];
    }
    remember_all(net_fast, net_flow, keep_fast), remember_all(net_slow, net_flow, keep_slow);
    remember_all(acts_fast, acts_flow, keep_fast), remember_all(acts_slow, acts_flow, keep_slow);
    remember_all(verbal, verbal_flow, keep_index), remember_all(material, material_flow, keep_index);
}

/* Living on: indicators and slow states, from what was seen at the step's start. */

static double driven(int one) {
    double total = 0.0;
    int some = 0;
    if (drive_kind[one] == DRIVE_INDICATOR) return beyond[drive_rows.rows[drive_rows.starts[one]]];
    for (int at = drive_rows.starts[one]; at < drive_rows.starts[one + 1]; at++) {
        int row = drive_rows.rows[at];
        if (drive_kind[one] == DRIVE_ARRANGEMENT) some |= in_force[row];
        else total += drive_hostile[one] ? most(0.0, -conduct[row]) : conduct[row];
    }
    return drive_kind[one] == DRIVE_ARRANGEMENT ? some : total;
}

static void advance_indicators(void) {
    for (int row = 0; row < I; row++) beyond[row] = value[row] / reference[row] - 1.0;
    for (int row = 0; row < I; row++) {
        double push = 0.0, moved;
        for (int at = drive.starts[row]; at < drive.starts[row + 1]; at++)
            push += drive_effect[at] * driven(drive.rows[at]);
        if (is_relative[row])
            moved = value[row] * exp(within(-MOST_LOG_CHANGE, (log_growth[row] + push) * dt, MOST_LOG_CHANGE));
        else
            moved = value[row] * exp(log_growth[row] * dt) + push * dt;
        value[row] = within(floor_of[row], rest[row] + (moved - rest[row]) * return_keep[row], ceiling_of[row]);
    }
}

static void fade(void) {
    for (int row = 0; row < MATTERS * LINES; row++) {
        fresh[row] *= keep_matters[row];
        if (fresh[row] < FADED) fresh[row] = 0.0;
    }
}

static void live(long run) {
    for (int a = 0; a < A; a++) {
        double level = base_rhetoric[a] + heat_rhetoric * heat[a * (T + 1) + step_now] + rally[a] * received[a];
        rhetoric[a] = within(0.0, remember(rhetoric[a], level, keep_rhetoric), MOST_RHETORIC);
        sympathy[a] *= keep_sympathy;
    }
    for (int at = 0; at < regional_pairs; at++) {
        int p = regional_pair[at], whom = pair_target[p];
        double liked = most(0.0, pair_conduct[p]) + sympathy_gain * regional_liking[at] * received[whom];
        sympathy[whom] += (1.0 - keep_sympathy) * liked;
    }
    for (int p = 0; p < P; p++) {
        engagement[p] = remember(engagement[p], engaged(p), keep_engagement);
        expectations[p] *= keep_expectations;
    }
    fade();
    if (drift > 0.0) *wandered += uniform(run, *drift_stream, BY_DRIFT) < 0.5 ? -drift : drift;
    advance_indicators();
}

/* Recording: one block an array, by run, date and row. */

typedef struct {
    double *cooperation, *issue_cooperation, *conduct, *indicators, *rhetoric, *room, *pillar, *weights, *terms;
    unsigned char *in_force, *events;
    int32_t *run, *step, *channel;
    int16_t *move;
    int8_t *cause;
    size_t moves, moves_room;
} Record;

static Record book;

static void *reals_for(size_t count) { return room_for(count, sizeof(double)); }

static void open_book(size_t runs) {
    size_t dates = (size_t)T + 1, rows = runs * dates;
    book.cooperation = reals_for(rows), book.issue_cooperation = reals_for(rows * K);
    book.conduct = reals_for(rows * dyads), book.indicators = reals_for(rows * I);
    book.rhetoric = reals_for(rows * A), book.room = reals_for(rows), book.pillar = reals_for(rows);
    book.weights = reals_for(dates * K), book.terms = reals_for(dates * 3);
    book.in_force = room_for(rows, (size_t)N), book.events = room_for(rows, (size_t)events);
    for (size_t date = 0; date < dates; date++) {
        double terms[3] = {keep_index, index_scale, real("technical_weight")};
        memcpy(book.weights + date * K, issue_weight, (size_t)K * sizeof(double));
        memcpy(book.terms + date * 3, terms, sizeof terms);
    }
}

static void more_room(void *columns, size_t size) {
    void **column = columns;
    if (!(*column = realloc(*column, book.moves_room * size))) fail("not enough memory for", "the moves");
}

static void note_move(long run, int c, int at) {
    if (book.moves == book.moves_room) {
        book.moves_room = book.moves_room ? 2 * book.moves_room : 4096;
        more_room(&book.run, 4), more_room(&book.step, 4), more_room(&book.channel, 4);
        more_room(&book.move, 2), more_room(&book.cause, 1);
    }
    book.run[book.moves] = (int32_t)run, book.step[book.moves] = step_now, book.channel[book.moves] = c;
    book.move[book.moves] = (int16_t)chosen[at], book.cause[book.moves++] = (int8_t)cause[at];
}

static void swap(int *one, int *other) {
    int kept = *one;
    *one = *other, *other = kept;
}

static int is_before(int one, int other) {
    return chosen[one] != chosen[other] ? chosen[one] < chosen[other] : cause[one] < cause[other];
}

/* The moves of a step by channel, move, then cause, as a Record has them. */
static void note_moves(long run) {
    for (int c = 0; c < C; c++) {
        int from = c * CAP, to = from + chosen_count[c];
        for (int at = from + 1; at < to; at++)
            for (int back = at; back > from && is_before(back, back - 1); back--)
                swap(chosen + back, chosen + back - 1), swap(cause + back, cause + back - 1);
        for (int at = from; at < to; at++) note_move(run, c, at);
    }
}

static void take_down(size_t run, int date) {
    size_t row = run * ((size_t)T + 1) + (size_t)date;
    double secure = 0.0;
    book.cooperation[row] = index_now;
    memcpy(book.issue_cooperation + row * K, issue_index, (size_t)K * sizeof(double));
    memcpy(book.indicators + row * I, value, (size_t)I * sizeof(double));
    memcpy(book.rhetoric + row * A, rhetoric, (size_t)A * sizeof(double));
    memcpy(book.in_force + row * N, in_force, (size_t)N);
    for (int d = 0; d < dyads; d++) {
        book.conduct[row * dyads + d] = conduct[dyad[d]];
        secure += pillar_share[d] * conduct[dyad[d]];
    }
    for (int event = 0; event < events; event++)
        book.events[row * events + event] = (unsigned char)ask(event_question[event]);
    pillar = date ? remember(pillar, secure, pillar_keep) : secure;
    book.pillar[row] = NEUTRAL * (1.0 + tanh(pillar / index_scale));
    book.room[row] = room_for_manoeuvre();
}

/* A run from its start to its end. */

enum { STARTS = 14 };
static struct {
    double *now;
    const double *first;
    size_t bytes;
} begun_as[STARTS];
static const int *first_in_force;

static void find_start(void) {
    struct {
        const char *name;
        double *now;
        int count;
    } states[STARTS] = {
        {"start.net_fast", net_fast, C},      {"start.net_slow", net_slow, C},
        {"start.acts_fast", acts_fast, C},    {"start.acts_slow", acts_slow, C},
        {"start.verbal", verbal, C},          {"start.material", material, C},
        {"start.stance_shift", stance_shift, A * K}, {"start.rhetoric", rhetoric, A},
        {"start.sympathy", sympathy, A},      {"start.engagement", engagement, P},
        {"start.expectations", expectations, P}, {"start.indicators", value, I},
        {"start.level", wandered, 1},         {"start.matters", fresh, MATTERS * LINES + 2},
    };
    for (int at = 0; at < STARTS; at++) {
        begun_as[at].now = states[at].now, begun_as[at].first = reals(states[at].name);
        begun_as[at].bytes = (size_t)states[at].count * sizeof(double);
    }
    first_in_force = wholes("start.in_force");
}

static void start(void) {
    for (int at = 0; at < STARTS; at++) memcpy(begun_as[at].now, begun_as[at].first, begun_as[at].bytes);
    for (int row = 0; row < N + 2; row++) in_force[row] = (unsigned char)first_in_force[row];
    for (int timer = 0; timer < timers; timer++) spell[timer] = 0;
    for (int rule = 0; rule < rules; rule++) ready[rule] = 0;
    stand();
}

static void simulate(long run, size_t place) {
    start();
    look();
    take_down(place, 0);
    for (step_now = 0; step_now < T; step_now++) {
        decide(run);
        follow_rules(run);
        stop_by_checks(run);
        note_moves(run);
        act();
        live(run);
        look();
        take_down(place, step_now + 1);
    }
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void put(FILE *file, const void *values, size_t count, size_t size) {
    if (fwrite(values, size, count, file) != count) fail("cannot write", "the arrays");
}

static void write_book(const char *path, size_t runs) {
    FILE *file = fopen(path, "wb");
    size_t rows = runs * ((size_t)T + 1);
    if (!file) fail("cannot write", path);
    put(file, book.cooperation, rows, 8), put(file, book.issue_cooperation, rows * K, 8);
    put(file, book.conduct, rows * dyads, 8), put(file, book.indicators, rows * I, 8);
    put(file, book.rhetoric, rows * A, 8), put(file, book.room, rows, 8), put(file, book.pillar, rows, 8);
    put(file, book.in_force, rows * N, 1), put(file, book.events, rows * events, 1);
    put(file, book.run, book.moves, 4), put(file, book.step, book.moves, 4), put(file, book.channel, book.moves, 4);
    put(file, book.move, book.moves, 2), put(file, book.cause, book.moves, 1);
    if (fclose(file)) fail("cannot write", path);
}

int main(int count, char **words) {
    if (count < 4) fail("usage:", "plain WORLD FIRST_RUN RUNS [OUT]");
    long first = atol(words[2]), runs = atol(words[3]);
    if (first < 0 || runs < 1) fail("FIRST_RUN must be 0 or more, RUNS 1 or more, not", words[3]);
    read_world(words[1]);
    find_sizes(), find_mechanisms(), find_actors_and_channels(), find_moves_and_indicators(), find_measures_and_rules();
    if (C > 64) fail("more than 64 channels in", words[1]);
    double begun = seconds();
    make_room();
    find_start();
    open_book((size_t)runs);
    whether = room_for((size_t)T * C * 4, sizeof(uint64_t));
    for (long run = first; run < first + runs; run++) {
        if (run == first || run % 4 == 0) draw_whether(run);
        simulate(run, (size_t)(run - first));
    }
    printf("%.9f %zu\n", seconds() - begun, book.moves);
    if (count > 4) write_book(words[4], (size_t)runs);
    return 0;
}
