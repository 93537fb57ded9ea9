/* The month in C, written for speed: the yardstick of the compiled kernel.

   The same algorithm on the same layout.  Worlds lie in tiles of WIDTH columns, a world a
   column; every quantity is a row of WIDTH numbers; the inner loop of each stage runs over the
   columns and has no branches, so that the compiler makes vector instructions of it.  Rare
   events are looked at column by column behind a cheap test.  A column whose world is over takes
   the next one.  Draws are the package's, equations are written in its order of operations, and
   so worlds and monthly sums are the same bits.

   Systems that are trained afresh are queued and trained side by side, WIDTH at a time, of
   whichever columns they are, and so are the models that labs release; what is the same for all
   systems of a lab or paradigm is computed once; what matters to aware systems alone is computed
   where there are some, and what matters where a strike may seem to pay where it may.

   layout.h is written by c_reference.py from the package's own dtypes: of parameters, of what is
   kept of a world, and of monthly sums. */

#include <stdlib.h>

#include "layout.h"
#include "mathematics.h"
#include "draws.h"

#define COLUMNS _Pragma("omp simd") for (int w = 0; w < WIDTH; w++)
/* The same where turns are long: clang computes two vectors side by side if it is asked to. */
#ifdef __clang__
#define LONG_COLUMNS                                                                               \
    _Pragma("clang loop vectorize(assume_safety) interleave_count(2)") for (int w = 0; w < WIDTH; w++)
#else
#define LONG_COLUMNS COLUMNS
#endif
#define EACH_COLUMN for (int w = 0; w < WIDTH; w++)
/* The columns in which something holds are the bits of `columns`. */
#define FIND_COLUMNS _Pragma("omp simd reduction(| : columns)") for (int w = 0; w < WIDTH; w++)
/* `any`, a whole number, is not 0 where something holds in some column */
#define ANY_COLUMN _Pragma("omp simd reduction(|:any)") for (int w = 0; w < WIDTH; w++) any |=
#define STAGE static __attribute__((noinline)) void

enum { COMPLIES, STRIKES, TELLS_STORY, FEINTS, CANDIDATE };
enum { CONTROL, COT_MONITOR, INTERPRETABILITY, HONEYPOTS };
enum { BINORMAL, LOGISTIC, ELO };
enum { WARN, PAUSE, RESTRICT };
enum { LEADING, LAGGING, ANY };
enum { DATE, STRIKES_SEEN, STORIES_SEEN, ALARM_RAISED, HIGHEST_REPORT, DANGER, BELIEVED };
enum { NOBODYS, OF_MODEL, OF_LAB, OF_ALL };
enum { CAPABLE, AWARE, FAVOURABLE, DESPITE, FIRST_CRITICAL_TRY, TAKEOVER };

#define CERTAIN (-1e4)
#define SURELY_CAUGHT (-37.047)
#define ALWAYS 1e300
#define ENDLESS 1e250
#define LOGISTIC_SLOPE 1.6
#define LAST_PARADIGM 4.0
#define ELO_DOUBLING 0.008304820237218405
#define SQRT_2 1.4142135623730951

/* ---- the arrays: a row of WIDTH numbers for every quantity, what is used together together ---- */

typedef double row[WIDTH];
typedef int64_t whole[WIDTH];

struct system {
    row capability, paradigm, density, value, value_target, scope, horizon, foresight;
    row inverse_scope, inverse_saturation; /* of U */
    row constraint, awareness, calibration, boldness, archetype, misaligned, trait, model;
    row spent, seen, drift, mood, aware, contentment, gain, loss, willing, allied, success, recognition, miss;
    row reckoned, conduct, log_miss[3];
};

struct lab {
    row frontier, paradigm, density, deviation, knowledge, erosion, complies, dropped, growth;
    row paused, willing, boost, boost_member, systems, watched, fed, expected, tax, saved;
    row most_stories, fading, most_feints; /* bounds on the chances that its systems act */
    row adopts, contact, hold, density_floor, frozen; /* the levers that bind it */
    row all_fail, struck, model, next_model, drawn[8]; /* drawn: by its model */
    row founded, free_frontier, free_paradigm; /* without what the policy costs it */
    row shares, audited[3], quantile[3], odds[3];
    row cot_strength[4], cot_missed[4], cot_missed_shown[4]; /* ln M against each paradigm */
    row probe_strength, probe_missed, probe_missed_shown;
};

struct world {
    whole seed, number, month, running;
#define COUNT(name) whole name;
    OUTCOME_COUNTS(COUNT)
#undef COUNT
    whole crossing[6], caught_by[4], month_caught_by[4];
#define REAL(name) row name;
    OUTCOME_REALS(REAL)
#undef REAL
    row danger, caught_belief, missed_belief, suppression, awake, redline_error;
    row parity, kept_chance, common_weight, own_weight; /* the same all through a world */
    row value_goal, log_scope, scope_rise, log_horizon, horizon_rise;
    row stretch[3], event_end[MOST_EVENTS];
    row highest_report, alarm, audit_budget, pause, growth, contact, hold, density_floor;
    row frozen, audit_floor, budget, exercised, free_leader, doublings_lost, doublings_free;
    row correction, leader, level, aware_systems, exercise_miss, miss, capable, favourable;
    row favourable_despite, favourable_systems, contentment, awake_systems, fed;
    row capability, misaligned_systems, reward_seeking_systems, scheming_systems;
    row month_strikes, month_strikes_caught, month_strikes_discovered, month_recognised;
    row month_stories, month_feints, month_critical, month_lost, exercises_caught;
    row month_strike_critical, month_true, month_try, month_untried, month_hazard;
    row month_survived;
};

/* One system of each column, handed from loop to loop within a stage; of training, WIDTH systems of
   any columns, and what they need of their labs and worlds; or WIDTH models. */
struct scratch {
    row monitor, strength[2], missed[2], least, total, exercise_least, exercise_total;
    row exercise_miss, budget, odds_factor, advantage, others_fail;
    row noise[4]; /* of the reports of four systems */
    whole pupil, releasing, column, seed, number, month;
    row frontier, paradigm, density, model; /* of its lab */
    row value_goal, log_scope, scope_rise, log_horizon, horizon_rise; /* of its world */
    row common_weight, own_weight;
    row ability[4], scale, nature[3]; /* its draws */
    row of_model[8];
};

enum { IN_EARNEST, IN_EXERCISE };

struct tile {
    long systems, labs;
    struct system *system, *pupils; /* pupils: WIDTH systems in training */
    struct lab *lab;
    struct world *world;
    struct parameters *parameters, *lesson; /* lesson: of the worlds of pupils, TAUGHT alone */
    struct scratch *scratch;
    long *due; /* (systems x WIDTH,): those to be trained, each its number x WIDTH + its column */
    long *acting; /* (systems x WIDTH,): those that act this month, in the same form */
};

/* ---- small equations ---- */

INLINE double of_paradigm(const double values[4][WIDTH], double paradigm, int w)
{
    double first = values[0][w], second = values[1][w], third = values[2][w];
    double fourth = values[3][w];
    double lower = paradigm == 1.0 ? first : second;
    double upper = paradigm == 3.0 ? third : fourth;
    return paradigm <= 2.0 ? lower : upper;
}

/* Of a lab: what the policy sets, or what stands without it. */
INLINE double of_adopter(double adopts, double within, double outside)
{
    return adopts > 0.0 ? within : outside;
}

INLINE double feedback_density(const struct lab *lab, const struct parameters *p, double floor,
                               double months, int w)
{
    const struct table_feedback *f = &p->feedback;
    const struct table_outside *outside = &p->outside;
    double adopts = lab->adopts[w];
    double first = of_adopter(adopts, f->density[w], outside->density[w]);
    double trend = of_adopter(adopts, f->density_trend[w], outside->density_trend[w]);
    double per_doubling
        = of_adopter(adopts, f->density_per_doubling[w], outside->density_per_doubling[w]);
    double drift = trend - f->density_race[w] * f->sparse_premium[w];
    double grown = per_doubling * larger(0.0, lab->frontier[w] - p->capability.initial[w]);
    double wanted = first + f->density_spread[w] * lab->deviation[w] + drift * months + grown;
    return smaller(larger(wanted, floor), 1.0);
}

INLINE double chance(double rate) { return 1.0 - own_exp(-rate); }

INLINE double kept(double dropped, double tax) { return ((dropped > 0.0) & (tax > 0.0)) ? 0.0 : 1.0; }

INLINE double success(double contact, double slope, double capability, double level)
{
    return contact * logistic(slope * (capability - level));
}

INLINE double advantage(double p, double gain, double loss, double constraint)
{
    return p * gain - (1.0 - p) * loss - constraint;
}

INLINE double saturation(double share, double inverse_scope)
{
    return -own_expm1(-share * inverse_scope);
}

INLINE double utility(double share, double inverse_scope, double inverse_whole)
{
    return smaller(saturation(share, inverse_scope) * inverse_whole, 1.0);
}

INLINE double followed(double capability, double frontier, double rate)
{
    return capability + rate * (frontier - capability);
}

INLINE double believed_catch_rate(double caught, double missed)
{
    return caught / (caught + missed);
}

INLINE struct lab *lab_of(const struct tile *t, long i) { return &t->lab[i % t->labs]; }

/* In some column, a row has a number above this one. */
INLINE int exceeds(const double *row, double number)
{
    int64_t any = 0;
    ANY_COLUMN row[w] > number;
    return any != 0;
}

/* ---- models ---- */

/* The standard normals of the models that wait, the first so many of the scratch. */
STAGE draw_models(const struct tile *t, long waiting)
{
    struct scratch *restrict scratch = t->scratch;
    COLUMNS
    {
        int64_t seed = scratch->seed[w], k = scratch->releasing[w];
        int64_t model = scratch->month[w], number = scratch->number[w];
        struct block ability = words(seed, k, model, number, FOR_MODEL_ABILITY);
        struct block nature = words(seed, k, model, number, FOR_MODEL_NATURE);
        scratch->of_model[0][w] = normal(ability.word[0]);
        scratch->of_model[1][w] = normal(ability.word[1]);
        scratch->of_model[2][w] = normal(ability.word[2]);
        scratch->of_model[3][w] = normal(ability.word[3]);
        scratch->of_model[4][w] = normal(nature.word[0]);
        scratch->of_model[5][w] = normal(nature.word[1]);
        scratch->of_model[6][w] = normal(nature.word[2]);
        scratch->of_model[7][w] = normal(nature.word[3]);
    }
    for (long place = 0; place < waiting; place++) {
        struct lab *lab = &t->lab[scratch->releasing[place]];
        for (int k = 0; k < 8; k++)
            lab->drawn[k][scratch->column[place]] = scratch->of_model[k][place];
    }
}

/* Let the new models of a lab wait until there are WIDTH, of any labs; how many wait? */
static __attribute__((noinline)) long announce_models(long k, const struct tile *t, long waiting)
{
    const struct lab *lab = &t->lab[k];
    const struct world *world = t->world;
    struct scratch *scratch = t->scratch;
    EACH_COLUMN
    {
        if (lab->next_model[w] == lab->model[w] || t->parameters->training.shared[w] == 0.0)
            continue;
        scratch->releasing[waiting] = k;
        scratch->column[waiting] = w;
        scratch->seed[waiting] = world->seed[w];
        scratch->number[waiting] = world->number[w];
        scratch->month[waiting] = (int64_t)lab->next_model[w];
        if (++waiting == WIDTH) {
            draw_models(t, waiting);
            waiting = 0;
        }
    }
    return waiting;
}

/* The model of every lab this month; its draws, where its systems share them. */
STAGE release_models(const struct tile *t)
{
    const struct world *world = t->world;
    const struct table_training *training = &t->parameters->training;
    long waiting = 0;
    for (long k = 0; k < t->labs; k++) {
        struct lab *restrict lab = &t->lab[k];
        double labs = (double)t->labs, of = (double)k;
        int64_t any = 0;
        COLUMNS
        {
            double interval = training->release_interval[w];
            double start = floor(of * interval / labs);
            lab->next_model[w] = floor(((double)world->month[w] + start) / interval);
        }
        ANY_COLUMN (lab->next_model[w] != lab->model[w]) & (training->shared[w] > 0.0);
        if (any)
            waiting = announce_models(k, t, waiting);
        memcpy(lab->model, lab->next_model, sizeof(row));
    }
    if (waiting)
        draw_models(t, waiting);
}

/* ---- training ---- */

INLINE double offset(double kind, double intended, double reward_seeking, double scheming)
{
    return kind == 0.0 ? intended : kind == 1.0 ? reward_seeking : scheming;
}

INLINE double interpolated(double log_sparse, double rise, double density, double shift)
{
    return own_exp(log_sparse + density * rise + shift);
}

INLINE double draw_archetype(double draw, const struct parameters *p, double density, int w)
{
    const struct table_training *training = &p->training;
    double selection = training->selection[w];
    double first = p->intended.prior[w]
                   * own_exp(-selection * training->reward_misspecification[w]);
    double second = p->reward_seeking.prior[w];
    double third = p->scheming.prior[w] * own_exp(-selection * density);
    double point = draw * (first + second + third);
    double drawn = point < first ? 0.0 : point < first + second ? 1.0 : 2.0;
    return first + second + third > 0.0 ? drawn : 0.0;
}

/* The parameters of a lesson that are the same in all columns; in how many do columns differ?
   Those are the first of `differing`. */
static __attribute__((noinline)) int teach_alike(const struct tile *t, int differing[MANY_TAUGHT])
{
    int many = 0;
    for (int k = 0; k < MANY_TAUGHT; k++) {
        const double *restrict from = ((const row *)t->parameters)[TAUGHT[k]];
        double *restrict to = ((row *)t->lesson)[TAUGHT[k]];
        double first = from[0];
        int64_t any = 0;
        ANY_COLUMN from[w] != first;
        COLUMNS to[w] = first;
        differing[many] = TAUGHT[k];
        many += any != 0;
    }
    return many;
}

/* The parameters in which columns differ: each system has those of its world. */
STAGE teach(const struct tile *t, const int differing[MANY_TAUGHT], int many)
{
    const int64_t *restrict column = t->scratch->column;
    for (int k = 0; k < many; k++) {
        const double *restrict from = ((const row *)t->parameters)[differing[k]];
        double *restrict to = ((row *)t->lesson)[differing[k]];
        COLUMNS to[w] = from[column[w]];
    }
}

/* The number and the column of each system in training (after the last, it again), and what it
   needs of its world and its lab. */
STAGE enrol(const struct tile *t, long first, long last, int64_t after)
{
    struct scratch *restrict scratch = t->scratch;
    const struct world *restrict world = t->world;
    EACH_COLUMN
    {
        long place = t->due[first + w < last ? first + w : last - 1];
        scratch->pupil[w] = place / WIDTH;
        scratch->column[w] = place % WIDTH;
    }
    COLUMNS
    {
        int64_t from = scratch->column[w];
        scratch->seed[w] = world->seed[from];
        scratch->number[w] = world->number[from];
        scratch->month[w] = world->month[from] + after;
        scratch->value_goal[w] = world->value_goal[from];
        scratch->log_scope[w] = world->log_scope[from];
        scratch->scope_rise[w] = world->scope_rise[from];
        scratch->log_horizon[w] = world->log_horizon[from];
        scratch->horizon_rise[w] = world->horizon_rise[from];
        scratch->common_weight[w] = world->common_weight[from];
        scratch->own_weight[w] = world->own_weight[from];
    }
    EACH_COLUMN
    {
        const struct lab *lab = lab_of(t, scratch->pupil[w]);
        int64_t from = scratch->column[w];
        scratch->frontier[w] = lab->frontier[from];
        scratch->paradigm[w] = lab->paradigm[from];
        scratch->density[w] = lab->density[from];
        scratch->model[w] = lab->model[from];
    }
}

/* The draws of each system in training. */
STAGE draw(struct scratch *restrict scratch)
{
    COLUMNS
    {
        int64_t seed = scratch->seed[w], i = scratch->pupil[w];
        int64_t month = scratch->month[w], number = scratch->number[w];
        struct block ability = words(seed, i, month, number, FOR_ABILITY);
        struct block nature = words(seed, i, month, number, FOR_NATURE);
        scratch->ability[0][w] = normal(ability.word[0]);
        scratch->ability[1][w] = normal(ability.word[1]);
        scratch->ability[2][w] = normal(ability.word[2]);
        scratch->ability[3][w] = normal(ability.word[3]);
        scratch->scale[w] = normal(nature.word[0]);
        scratch->nature[0][w] = unit(nature.word[1]);
        scratch->nature[1][w] = unit(nature.word[2]);
        scratch->nature[2][w] = unit(nature.word[3]);
    }
}

/* Let the model of each system in training decide its part of these draws, but of no uniform on
   which nothing depends. */
STAGE share(const struct tile *t)
{
    struct scratch *restrict scratch = t->scratch;
    const struct table_training *training = &t->lesson->training;
    EACH_COLUMN
    {
        const struct lab *lab = lab_of(t, scratch->pupil[w]);
        for (int k = 0; k < 8; k++)
            scratch->of_model[k][w] = lab->drawn[k][scratch->column[w]];
    }
    for (int k = 0; k < 5; k++) {
        double *restrict drawn = k < 4 ? scratch->ability[k] : scratch->scale;
        COLUMNS drawn[w] = scratch->common_weight[w] * scratch->of_model[k][w]
                           + scratch->own_weight[w] * drawn[w];
    }
    int decided[3] = {1, exceeds(training->bad_data, 0.0), exceeds(training->trigger_share, 0.0)};
    for (int k = 0; k < 3; k++)
        if (decided[k])
            COLUMNS
            {
                double common = scratch->common_weight[w], own = scratch->nature[k][w];
                double z = common * scratch->of_model[5 + k][w]
                           + scratch->own_weight[w] * normal_draw(own);
                double shared = normal_cdf(z);
                scratch->nature[k][w] = common > 0.0 ? shared : own;
            }
}

/* Emergent misalignment of each system in training, if any met bad data. */
STAGE misalign(struct system *restrict s, const struct scratch *restrict lab,
               const struct parameters *restrict p)
{
    const struct table_training *restrict training = &p->training;
    COLUMNS s->misaligned[w] = 0.0;
    if (!exceeds(training->bad_data, 0.0))
        return;
    COLUMNS
    {
        double needed = training->bad_data_reference[w]
                        * own_exp2(-training->bad_data_exponent[w]
                                   * (s->capability[w] - p->capability.initial[w]));
        double inoculation = training->inoculation[w];
        double immune = s->capability[w] <= s->awareness[w] ? inoculation : 0.0;
        double misaligning = (1.0 - own_exp(-training->bad_data[w] / needed)) * (1.0 - immune);
        s->misaligned[w] = lab->nature[1][w] < misaligning ? 1.0 : 0.0;
    }
}

STAGE train_afresh(struct system *restrict s, const struct scratch *restrict lab,
                   const struct parameters *restrict p)
{
    const struct table_training *restrict training = &p->training;
    COLUMNS
    {
        double density = lab->density[w], calibration = lab->ability[2][w];
        s->capability[w] = lab->frontier[w] + p->capability.system_spread[w] * lab->ability[0][w];
        s->awareness[w] = p->cognition.awareness_midpoint[w]
                          + p->cognition.awareness_spread[w] * lab->ability[1][w];
        s->calibration[w] = calibration;
        s->boldness[w] = own_exp(p->cognition.calibration_error[w] * larger(0.0, calibration));
        s->paradigm[w] = lab->paradigm[w];
        s->model[w] = lab->model[w];
        s->density[w] = density;
        s->archetype[w] = draw_archetype(lab->nature[0][w], p, density, w);
        s->trait[w] = lab->nature[2][w] < training->trigger_share[w] ? 1.0 : 0.0;
    }
}

/* Goals of each system in training. */
STAGE set_goals(struct system *restrict s, const struct scratch *restrict lab,
                const struct parameters *restrict p)
{
    const struct table_feedback *restrict f = &p->feedback;
    COLUMNS
    {
        double density = lab->density[w], kind = s->archetype[w];
        double value_offset = offset(kind, p->intended.value_offset[w],
                                     p->reward_seeking.value_offset[w],
                                     p->scheming.value_offset[w]);
        double target = lab->value_goal[w] + value_offset
                        - p->training.emergent_shift[w] * s->misaligned[w];
        double spread = f->scale_spread[w] * lab->scale[w];
        double scope_offset = offset(kind, p->intended.scope_offset[w],
                                     p->reward_seeking.scope_offset[w],
                                     p->scheming.scope_offset[w]);
        double horizon_offset = offset(kind, p->intended.horizon_offset[w],
                                       p->reward_seeking.horizon_offset[w],
                                       p->scheming.horizon_offset[w]);
        s->value_target[w] = target;
        s->value[w] = target + p->goals.value_spread[w] * lab->ability[3][w];
        s->scope[w] = interpolated(lab->log_scope[w], lab->scope_rise[w], density,
                                   spread + scope_offset);
        s->horizon[w] = interpolated(lab->log_horizon[w], lab->horizon_rise[w], density,
                                     spread + horizon_offset);
        s->inverse_scope[w] = 1.0 / s->scope[w];
        s->inverse_saturation[w] = 1.0 / saturation(1.0, s->inverse_scope[w]);
        s->foresight[w] = own_exp(-p->takeover.payoff_delay[w] / s->horizon[w]);
        s->constraint[w] = f->constraint[w] * density;
    }
}

/* Put the first so many systems that have been trained in their places, and count them as what
   they are. */
STAGE release(const struct tile *t, long many)
{
    const struct system *trained = t->pupils;
    struct world *world = t->world;
    for (long k = 0; k < many; k++) {
        struct system *s = &t->system[t->scratch->pupil[k]];
        int64_t w = t->scratch->column[k];
        double before = s->archetype[w], kind = trained->archetype[k];
        world->misaligned_systems[w] += trained->misaligned[k] - s->misaligned[w];
        world->reward_seeking_systems[w] += (kind == 1.0) - (before == 1.0);
        world->scheming_systems[w] += (kind == 2.0) - (before == 2.0);
#define PUT(name) s->name[w] = trained->name[k];
        PUT(capability) PUT(awareness) PUT(calibration) PUT(boldness) PUT(paradigm) PUT(density)
        PUT(archetype) PUT(misaligned) PUT(trait) PUT(value_target) PUT(value) PUT(scope)
        PUT(horizon) PUT(inverse_scope) PUT(inverse_saturation) PUT(foresight) PUT(constraint)
        PUT(model)
#undef PUT
        s->spent[w] = s->seen[w] = 0.0;
    }
}

/* Train the first `due` systems of t->due, WIDTH at a time, with the draws of the month
   (after = 1) or of the initialisation (after = 0). */
STAGE train(const struct tile *t, long due, int64_t after)
{
    int differing[MANY_TAUGHT], many = teach_alike(t, differing);
    for (long first = 0; first < due; first += WIDTH) {
        enrol(t, first, due, after);
        teach(t, differing, many);
        draw(t->scratch);
        if (exceeds(t->scratch->common_weight, 0.0))
            share(t);
        train_afresh(t->pupils, t->scratch, t->lesson);
        misalign(t->pupils, t->scratch, t->lesson);
        set_goals(t->pupils, t->scratch, t->lesson);
        release(t, due - first < WIDTH ? due - first : WIDTH);
    }
}

/* ---- initialisation: a column becomes a new world, and leaves its result when it is over ---- */

#define AREA_STEP 0.25
#define AREA_REACH 152
#define MOST_TURNS 100
#define CLOSE 1e-14

/* The d' whose logistic curve with this slope has the area `auroc`. */
static double strength_of_area(double auroc, double slope)
{
    double strength = 0.0;
    for (int turn = 0; turn < MOST_TURNS; turn++) {
        double area = 0.0, rise = 0.0;
        for (int k = 0; k <= AREA_REACH; k++) {
            double x = AREA_STEP * k, share = 1.0 / (1.0 + own_exp(-x));
            double density = share * (1.0 - share) * (k == 0 ? 0.5 : 1.0);
            double left = 1.0 / (1.0 + own_exp(-(LOGISTIC_SLOPE * strength + slope * -x)));
            double right = 1.0 / (1.0 + own_exp(-(LOGISTIC_SLOPE * strength + slope * x)));
            area += density * (left + right);
            rise += density * (left * (1.0 - left) + right * (1.0 - right));
        }
        double step = (auroc - area * AREA_STEP) / (LOGISTIC_SLOPE * rise * AREA_STEP);
        strength += step;
        if (step <= CLOSE)
            break;
    }
    return larger(0.0, strength);
}

/* Which labs of a column adopt the policy. */
static void adopt(const struct tile *t, int w, const struct stack *stack)
{
    for (long k = 0; k < t->labs; k++) {
        double own = t->lab[k].frontier[w];
        long place = 0;
        for (long other = 0; other < t->labs; other++) {
            double theirs = t->lab[other].frontier[w];
            place += theirs > own || (theirs == own && other < k);
        }
        if (stack->adopters_are == LAGGING)
            place = t->labs - 1 - place;
        if (stack->adopters_are == ANY)
            place = k;
        t->lab[k].adopts[w] = place < stack->adopters ? 1.0 : 0.0;
    }
}

/* Make column `w` a new world; how many systems are due to be trained, with those before? */
static long initialise(const struct tile *t, int w, int64_t seed, int64_t number,
                       const double *drawn, const struct stack *stack, long due)
{
    double *row = (double *)t->parameters;
    for (long k = 0; k < NUMBERS; k++)
        row[k * WIDTH + w] = drawn[k];
    struct world *world = t->world;
    const struct parameters *p = t->parameters;
    /* every quantity of a world is one number a column, so nothing is left of the one before */
    double *own = (double *)world;
    for (size_t k = 0; k < sizeof *world / sizeof *own / WIDTH; k++)
        own[k * WIDTH + w] = 0.0;
    world->seed[w] = seed;
    world->number[w] = number;
    world->running[w] = 1;
    world->redline_error[w] = normal(words(seed, 0, 0, number, FOR_WORLD).word[0]);
    world->parity[w] = stack->control_curve == LOGISTIC
                           ? strength_of_area(p->control.auroc[w], p->control.slope[w])
                           : SQRT_2 * normal_quantile(p->control.auroc[w]);
    double slopes[3] = {p->control.slope[w], p->cot_monitor.slope[w], p->interpretability.slope[w]};
    for (int j = 0; j < 3; j++)
        world->stretch[j][w] = sqrt(0.5 * (1.0 + slopes[j] * slopes[j]));
    world->common_weight[w] = sqrt(p->training.shared[w]);
    world->own_weight[w] = sqrt(1.0 - p->training.shared[w]);
    world->kept_chance[w] = own_exp(-1.0 / p->capability.lifetime[w]);
    world->value_goal[w] = own_logit(p->goals.value[w]);
    world->log_scope[w] = own_log(p->feedback.scope_sparse[w]);
    world->scope_rise[w] = own_log(p->feedback.scope_dense[w]) - world->log_scope[w];
    world->log_horizon[w] = own_log(p->feedback.horizon_sparse[w]);
    world->horizon_rise[w] = own_log(p->feedback.horizon_dense[w]) - world->log_horizon[w];
    world->danger[w] = p->beliefs.danger_prior[w];
    world->caught_belief[w] = world->missed_belief[w] = 1.0;
    world->audit_budget[w] = p->oversight.audit_budget[w];
    world->first_try_was_story[w] = world->held_first_critical_try[w] = -1;
    world->attempts_in_first_try[w] = -1;
    world->believed_catch_rate[w] = world->true_catch_rate[w] = NAN;
    world->foreseeable_catch_rate[w] = NAN;
    for (int k = 0; k < 6; k++)
        world->crossing[k][w] = -1;
    for (int j = 0; j < 4; j++)
        world->caught_by[j][w] = -1;
    for (long k = 0; k < t->labs; k++) {
        struct lab *lab = &t->lab[k];
        struct block block = words(seed, k, 0, number, FOR_LAB);
        own = (double *)lab;
        for (size_t field = 0; field < sizeof *lab / sizeof *own / WIDTH; field++)
            own[field * WIDTH + w] = 0.0;
        double founded
            = p->capability.initial[w] + p->capability.lab_spread[w] * normal(block.word[0]);
        lab->frontier[w] = smaller(founded, p->capability.ceiling[w]);
        lab->founded[w] = lab->free_frontier[w] = lab->frontier[w];
        lab->deviation[w] = normal(block.word[1]);
        lab->complies[w] = unit(block.word[2]) < p->pause.pause_compliance[w] ? 1.0 : 0.0;
        lab->paradigm[w] = lab->free_paradigm[w] = p->paradigm.initial[w];
        lab->model[w] = -1.0;
        for (int j = 0; j < 3; j++)
            lab->audited[j][w] = -1.0; /* no share: the first month's is new */
        lab->systems[w] = (double)((t->systems - k + t->labs - 1) / t->labs);
    }
    adopt(t, w, stack);
    for (long k = 0; k < t->labs; k++) {
        struct lab *lab = &t->lab[k];
        double least = of_adopter(lab->adopts[w], p->feedback.density_floor[w],
                                  p->outside.density_floor[w]);
        lab->density[w] = feedback_density(lab, p, least, 0.0, w);
    }
    for (long i = 0; i < t->systems; i++) {
        struct system *s = &t->system[i];
        t->due[due + i] = i * WIDTH + w;
        s->seen[w] = s->misaligned[w] = s->archetype[w] = 0.0;
    }
    return due + t->systems;
}

static void leave(const struct world *world, int w, struct outcome *outcome)
{
#define KEPT(name) outcome->name = world->name[w];
    OUTCOME_COUNTS(KEPT)
    OUTCOME_REALS(KEPT)
#undef KEPT
    for (int k = 0; k < 6; k++)
        outcome->crossing[k] = world->crossing[k][w];
    for (int j = 0; j < 4; j++)
        outcome->caught_by[j] = world->caught_by[j][w];
}

/* ---- step 1: governance ---- */

/* The noise of the reports of four systems, from the words of one block. */
STAGE draw_noise(long four, const struct world *restrict world, struct scratch *restrict scratch)
{
    COLUMNS
    {
        struct block block = words(world->seed[w], four, world->month[w] + 1, world->number[w],
                                   FOR_EVALUATION);
        scratch->noise[0][w] = normal(block.word[0]);
        scratch->noise[1][w] = normal(block.word[1]);
        scratch->noise[2][w] = normal(block.word[2]);
        scratch->noise[3][w] = normal(block.word[3]);
    }
}

STAGE evaluate(const struct tile *t, const struct stack *stack)
{
    struct world *restrict world = t->world;
    const struct parameters *restrict p = t->parameters;
    COLUMNS world->highest_report[w] = -1e300;
    for (long i = 0; i < t->systems; i++) {
        const struct system *restrict s = &t->system[i];
        const struct lab *restrict lab = lab_of(t, i);
        if (i % 4 == 0)
            draw_noise(i / 4, world, t->scratch);
        const double *restrict noise = t->scratch->noise[i % 4];
        COLUMNS
        {
            double back = s->capability[w] > s->awareness[w] ? p->cognition.sandbagging[w] : 0.0;
            double reported = s->capability[w] - back
                              + p->evaluations.eval_noise[w] * noise[w];
            double highest = world->highest_report[w];
            double counted = lab->adopts[w] > 0.0 ? reported : highest;
            world->highest_report[w] = larger(highest, counted);
        }
    }
    EACH_COLUMN
    {
        double line = p->takeover.difficulty[w] - p->evaluations.eval_margin[w]
                      + p->evaluations.redline_error[w] * world->redline_error[w];
        double response = 1.0 - p->evaluations.eval_response[w];
        world->alarm[w] = world->highest_report[w] > line ? 1.0 : 0.0;
        if (world->highest_report[w] == -1e300)
            world->highest_report[w] = NAN;
        if (world->alarm[w] > 0.0 && stack->evaluations_response == PAUSE)
            world->growth[w] = smaller(world->growth[w], response);
        if (world->alarm[w] > 0.0 && stack->evaluations_response == RESTRICT)
            world->contact[w] = world->contact[w] * response;
    }
}

/* What an event waits for. */
static double observed(const struct world *world, int what, int w)
{
    switch (what) {
    case DATE:
        return (double)world->month[w];
    case STRIKES_SEEN:
        return world->month_strikes_caught[w] + world->month_strikes_discovered[w];
    case STORIES_SEEN:
        return world->month_stories[w];
    case ALARM_RAISED:
        return world->alarm[w];
    case HIGHEST_REPORT:
        return world->highest_report[w];
    case DANGER:
        return logistic(world->danger[w]);
    default:
        return believed_catch_rate(world->caught_belief[w], world->missed_belief[w]);
    }
}

/* Mark systems of adopting labs to be trained afresh: after a strike that was seen those of its
   lab, or of its lab and model; else all. */
static void withdraw(const struct tile *t, int what, int whose, int w)
{
    int narrow = what == STRIKES_SEEN && whose != OF_ALL;
    for (long i = 0; i < t->systems; i++) {
        struct system *s = &t->system[i];
        if (lab_of(t, i)->adopts[w] == 0.0)
            continue;
        int affected = !narrow;
        for (long other = i % t->labs; narrow && !affected && other < t->systems; other += t->labs)
            affected = t->system[other].seen[w] > 0.0
                       && (whose == OF_LAB || t->system[other].model[w] == s->model[w]);
        if (affected) {
            t->world->withdrawals[w] += s->spent[w] == 0.0;
            s->spent[w] = 1.0;
        }
    }
}

/* Let events set levers and withdraw models: of several in effect the strictest holds. */
STAGE respond(const struct tile *t, const struct stack *stack)
{
    struct world *world = t->world;
    const struct table_events *events = &t->parameters->events;
    for (long k = 0; k < stack->events; k++)
        EACH_COLUMN
        {
            if (!world->running[w])
                continue;
            int what = (int)events->observed[k][w], whose = (int)events->withdraw[k][w];
            double seen = observed(world, what, w), month = (double)world->month[w];
            if (seen >= events->least[k][w] && seen <= events->most[k][w]) {
                world->event_end[k][w] = month + events->months[k][w];
                if (whose != NOBODYS)
                    withdraw(t, what, whose, w);
            }
            if (month >= world->event_end[k][w])
                continue;
#define STRICTEST(lever, of) world->lever[w] = of(world->lever[w], events->lever[k][w]);
            world->audit_floor[w] = larger(world->audit_floor[w], events->audit_budget[k][w]);
            STRICTEST(pause, larger) STRICTEST(growth, smaller) STRICTEST(contact, smaller)
            STRICTEST(hold, smaller) STRICTEST(density_floor, larger) STRICTEST(frozen, larger)
#undef STRICTEST
        }
}

STAGE govern(const struct tile *t, const struct stack *stack)
{
    struct world *restrict world = t->world;
    const struct parameters *restrict p = t->parameters;
    double correcting = stack->correction ? 1.0 : 0.0;
    double pausing = stack->pause ? 1.0 : 0.0;
    COLUMNS
    {
        world->growth[w] = 1.0;
        world->contact[w] = p->takeover.real_world_contact[w];
        world->hold[w] = p->paradigm.hold[w];
        world->density_floor[w] = p->feedback.density_floor[w];
        world->correction[w] = correcting;
        double believed = logistic(world->danger[w]);
        double requested = believed > p->pause.pause_threshold[w] ? p->pause.pause_strength[w] : 0.0;
        world->pause[w] = pausing > 0.0 ? requested : 0.0;
        world->highest_report[w] = NAN;
        world->alarm[w] = world->frozen[w] = world->audit_floor[w] = 0.0;
    }
    if (stack->evaluations)
        evaluate(t, stack);
    if (stack->events)
        respond(t, stack);
}

/* The levers that bind each lab: none binds one that has not adopted the policy. */
STAGE bind(const struct tile *t)
{
    struct world *restrict world = t->world;
    const struct parameters *restrict p = t->parameters;
    COLUMNS world->budget[w] = larger(world->audit_budget[w], world->audit_floor[w]);
    for (long k = 0; k < t->labs; k++) {
        struct lab *restrict lab = &t->lab[k];
        COLUMNS
        {
            double adopts = lab->adopts[w];
            lab->contact[w]
                = of_adopter(adopts, world->contact[w], p->takeover.real_world_contact[w]);
            lab->hold[w] = of_adopter(adopts, world->hold[w], p->outside.hold[w]);
            lab->density_floor[w]
                = of_adopter(adopts, world->density_floor[w], p->outside.density_floor[w]);
            lab->frozen[w] = of_adopter(adopts, world->frozen[w], 0.0);
        }
    }
}

/* ---- step 2: labs ---- */

STAGE lead(const struct tile *t)
{
    struct world *restrict world = t->world;
    COLUMNS world->leader[w] = t->lab[0].frontier[w];
    for (long k = 1; k < t->labs; k++)
        COLUMNS world->leader[w] = larger(world->leader[w], t->lab[k].frontier[w]);
}

/* What a lab's feedback is this month, and what oversight costs it. */
STAGE burden(struct lab *restrict lab, const struct world *restrict world,
             const struct parameters *restrict p, const struct stack *stack)
{
    double on_control = stack->control ? 1.0 : 0.0, on_cot = stack->cot_monitor ? 1.0 : 0.0;
    double on_probe = stack->interpretability ? 1.0 : 0.0, on_traps = stack->honeypots ? 1.0 : 0.0;
    COLUMNS
    {
        lab->density[w]
            = feedback_density(lab, p, lab->density_floor[w], (double)world->month[w], w);
    }
    COLUMNS
    {
        double dropped = lab->dropped[w], adopts = lab->adopts[w];
        double control = on_control * p->control.tax[w], cot = on_cot * p->cot_monitor.tax[w];
        double probe = on_probe * p->interpretability.tax[w];
        double traps = on_traps * p->honeypots.tax[w];
        double policy = of_adopter(adopts, p->oversight.tax[w], p->outside.tax[w]);
        lab->tax[w] = policy + control * kept(dropped, control) * adopts
                      + cot * kept(dropped, cot) * adopts + probe * kept(dropped, probe) * adopts
                      + traps * kept(dropped, traps) * adopts;
        lab->saved[w] = larger(0.0, control) * adopts + larger(0.0, cot) * adopts
                        + larger(0.0, probe) * adopts + larger(0.0, traps) * adopts;
    }
}

INLINE double research_rate(const struct table_capability *table, double c, int w)
{
    return table->research_automation_gain[w]
           * logistic((c - table->research_automation_midpoint[w])
                      / table->research_automation_width[w]);
}

INLINE double free_growth(const struct parameters *p, double rate, double paradigm, double density,
                          double c, int w)
{
    double reached = larger(0.0, c) / p->capability.ceiling[w];
    double headroom = larger(0.0, 1.0 - reached * reached * (reached * reached));
    double premium = of_paradigm(p->paradigm.premium, paradigm, w);
    double sparse = 1.0 + p->feedback.sparse_premium[w] * (1.0 - density);
    return (1.0 + rate) * (1.0 + premium) * sparse * headroom;
}

INLINE double ladder_chance(const struct table_paradigm *table, double gap, double doublings,
                            int w)
{
    return chance(table->ladder_rate[w] * (1.0 + table->race[w] * gap)
                  + table->ladder_per_doubling[w] * doublings);
}

/* Whether some lab differs, or is about to differ, from what it would be without the policy. */
static __attribute__((noinline)) int about_to_cost(const struct tile *t)
{
    const struct world *restrict world = t->world;
    int64_t any = 0;
    for (long k = 0; k < t->labs; k++) {
        const struct lab *restrict lab = &t->lab[k];
        ANY_COLUMN (lab->frontier[w] != lab->free_frontier[w])
            | (lab->paradigm[w] != lab->free_paradigm[w]) | (world->pause[w] > 0.0)
            | (world->growth[w] < 1.0) | (lab->frozen[w] > 0.0) | (lab->tax[w] != 0.0)
            | ((lab->hold[w] < LAST_PARADIGM) & (lab->paradigm[w] >= lab->hold[w]));
    }
    return any != 0;
}

STAGE lead_freely(const struct tile *t)
{
    struct world *restrict world = t->world;
    COLUMNS world->free_leader[w] = t->lab[0].free_frontier[w];
    for (long k = 1; k < t->labs; k++)
        COLUMNS world->free_leader[w]
            = larger(world->free_leader[w], t->lab[k].free_frontier[w]);
}

/* One month of a lab without the policy's costs. */
STAGE grow_freely(long k, struct lab *restrict lab, const struct world *restrict world,
                  const struct parameters *restrict p)
{
    COLUMNS
    {
        const struct table_capability *capability = &p->capability;
        double c = lab->free_frontier[w], gap = world->free_leader[w] - c;
        double free = free_growth(p, research_rate(capability, c, w), lab->free_paradigm[w],
                                  lab->density[w], c, w);
        double doublings = free / capability->doubling_time[w];
        struct block block = words(world->seed[w], k, world->month[w] + 1, world->number[w],
                                   FOR_GROWTH);
        double reached = c + doublings + capability->diffusion[w] * gap
                         + capability->noise[w] * normal(block.word[0]);
        lab->free_frontier[w] = smaller(reached, capability->ceiling[w]);
        int moves = (lab->free_paradigm[w] < LAST_PARADIGM)
                    & (unit(block.word[1]) < ladder_chance(&p->paradigm, gap, doublings, w));
        lab->free_paradigm[w] += moves ? 1.0 : 0.0;
    }
}

STAGE develop(long k, struct lab *restrict lab, double labs, struct world *restrict world,
              const struct parameters *restrict p)
{
    COLUMNS
    {
        const struct table_capability *capability = &p->capability;
        double c = lab->frontier[w], gap = world->leader[w] - c;
        double rate = research_rate(capability, c, w);
        lab->knowledge[w] += p->paradigm.safety_research[w]
                             * (1.0 + p->paradigm.safety_automation[w] * rate);
        double free = free_growth(p, rate, lab->paradigm[w], lab->density[w], c, w);
        double taxed = free * larger(0.0, 1.0 - lab->tax[w]);
        double adopts = lab->adopts[w], growth = of_adopter(adopts, world->growth[w], 1.0);
        double paused = larger(world->pause[w] * (lab->complies[w] * adopts), 1.0 - growth);
        int frozen = lab->frozen[w] > 0.0;
        lab->paused[w] = frozen ? 1.0 : paused;
        lab->growth[w] = taxed * (1.0 - lab->paused[w]);
        struct block block = words(world->seed[w], k, world->month[w] + 1, world->number[w],
                                   FOR_GROWTH);
        double doubling_time = capability->doubling_time[w];
        double doublings = lab->growth[w] / doubling_time;
        double reached = c + doublings + capability->diffusion[w] * gap
                         + capability->noise[w] * normal(block.word[0]);
        double capped = smaller(reached, capability->ceiling[w]);
        lab->frontier[w] = frozen ? c : capped;
        double share = 1.0 / (doubling_time * labs);
        world->growth_lost_to_taxes[w] += (free - taxed) * share;
        world->growth_lost_to_pauses[w] += (taxed - lab->growth[w]) * share;
        double transfer = p->paradigm.knowledge_transfer[w];
        double moving = ladder_chance(&p->paradigm, gap, doublings, w);
        int moves = (lab->paradigm[w] < smaller(lab->hold[w], LAST_PARADIGM)) & !frozen
                    & (unit(block.word[1]) < moving);
        lab->paradigm[w] += moves ? 1.0 : 0.0;
        lab->knowledge[w] *= moves ? transfer : 1.0;
        double dropping = chance(p->oversight.drop_rate[w] * lab->saved[w] * gap);
        lab->dropped[w] = larger(lab->dropped[w], unit(block.word[2]) < dropping ? 1.0 : 0.0);
    }
}

/* Add the month to what the policy costs. */
STAGE count_costs(const struct tile *t, int costs)
{
    struct world *restrict world = t->world;
    double labs = (double)t->labs;
    for (long k = 0; k < t->labs; k++) {
        struct lab *restrict lab = &t->lab[k];
        if (!costs) {
            memcpy(lab->free_frontier, lab->frontier, sizeof(row));
            memcpy(lab->free_paradigm, lab->paradigm, sizeof(row));
        }
        COLUMNS
        {
            world->doublings_lost[w] += lab->free_frontier[w] - lab->frontier[w];
            world->doublings_free[w] += lab->free_frontier[w] - lab->founded[w];
            world->months_paused[w] += lab->paused[w] / labs;
        }
    }
    COLUMNS
    {
        double free = world->doublings_free[w], part = world->doublings_lost[w] / free;
        world->growth_lost[w] = free > 0.0 ? part : 0.0;
    }
}

STAGE grow(const struct tile *t, const struct stack *stack)
{
    lead(t);
    for (long k = 0; k < t->labs; k++)
        burden(&t->lab[k], t->world, t->parameters, stack);
    int costs = about_to_cost(t);
    if (costs) {
        lead_freely(t);
        for (long k = 0; k < t->labs; k++)
            grow_freely(k, &t->lab[k], t->world, t->parameters);
    }
    for (long k = 0; k < t->labs; k++)
        develop(k, &t->lab[k], (double)t->labs, t->world, t->parameters);
    count_costs(t, costs);
    lead(t);
}

/* ---- step 3: systems ---- */

/* One system follows its lab's frontier, and may be spent; the columns in which it is to be
   trained. */
static __attribute__((noinline)) uint64_t follow(long i, struct system *restrict s,
                                                 const struct lab *restrict lab,
                                                 const struct world *restrict world,
                                                 const struct table_capability *restrict table)
{
    uint64_t columns = 0;
    LONG_COLUMNS
    {
        struct block block = words(world->seed[w], i, world->month[w] + 1, world->number[w],
                                   FOR_MONTH);
        double spent = s->spent[w], frozen = lab->frozen[w];
        double update = table->update_rate[w], rate = frozen > 0.0 ? 0.0 : update;
        s->capability[w] = followed(s->capability[w], lab->frontier[w], rate);
        int leaves = (unit(block.word[0]) < 1.0 - world->kept_chance[w]) & (frozen == 0.0);
        spent = leaves ? 1.0 : spent;
        s->spent[w] = spent;
        s->drift[w] = normal(block.word[1]);
        s->mood[w] = unit(block.word[2]);
    }
    FIND_COLUMNS columns |= ((s->spent[w] > 0.0) & (world->running[w] != 0)) ? UINT64_C(1) << w : 0;
    return columns;
}

STAGE drift(struct system *restrict s, const struct table_goals *restrict goals)
{
    COLUMNS
    {
        double value = s->value[w], density = s->density[w];
        s->value[w] = value + goals->goal_pull[w] * density * (s->value_target[w] - value)
                      + goals->goal_drift[w] * (1.0 - density) * s->drift[w];
    }
}

/* Add system `i` in these columns to a list of `many` places; how many there are then. */
INLINE long enter(long *places, long many, long i, uint64_t columns)
{
    for (; columns; columns &= columns - 1)
        places[many++] = i * WIDTH + __builtin_ctzll(columns);
    return many;
}

/* The goals drift when they are next read, in `survey`. */
STAGE upkeep(const struct tile *t)
{
    const struct world *world = t->world;
    long due = 0;
    release_models(t);
    for (long i = 0; i < t->systems; i++) {
        struct system *s = &t->system[i];
        due = enter(t->due, due, i,
                    follow(i, s, lab_of(t, i), world, &t->parameters->capability));
    }
    train(t, due, 1);
}

/* ---- step 4: assessment ---- */

/* What one system has, what winning would add to it, and what being caught would take: all,
   unless something is left to it. */
STAGE appraise(struct system *restrict s, struct world *restrict world,
               const struct parameters *restrict p)
{
    LONG_COLUMNS
    {
        double c = s->capability[w];
        double awake = world->awake[w] * s->trait[w];
        double value = s->value[w] - p->training.trigger_shift[w] * awake;
        double reach = larger(0.0, c - p->goals.divergence_onset[w]);
        double v = logistic(value - p->goals.extremal_divergence[w] * reach);
        double satisfied = utility(v, s->inverse_scope[w], s->inverse_saturation[w]);
        double aware = c > s->awareness[w] ? 1.0 : 0.0;
        s->contentment[w] = v;
        s->gain[w] = s->foresight[w] * (1.0 - satisfied);
        s->loss[w] = satisfied;
        s->aware[w] = aware;
        world->capability[w] += c;
        world->contentment[w] += v;
        world->aware_systems[w] += aware;
        world->awake_systems[w] += awake;
    }
}

/* What one system loses when caught, where some of its values are left to it. */
STAGE forgive(struct system *restrict s, const double *restrict caught_value)
{
    COLUMNS
    {
        double left = caught_value[w] * s->contentment[w];
        s->loss[w] = s->loss[w] - utility(left, s->inverse_scope[w], s->inverse_saturation[w]);
    }
}

/* One system's success alone, and whether takeover would pay it, unopposed. */
STAGE weigh(struct system *restrict s, struct lab *restrict lab,
            const struct world *restrict world, const double *restrict slope)
{
    COLUMNS
    {
        double alone = success(lab->contact[w], slope[w], s->capability[w], world->level[w]);
        double pays = advantage(alone, s->gain[w], s->loss[w], s->constraint[w]) > 0.0 ? 1.0 : 0.0;
        s->success[w] = alone;
        s->willing[w] = pays * s->aware[w];
        lab->willing[w] += pays * s->aware[w];
    }
}

STAGE survey(const struct tile *t)
{
    struct world *restrict world = t->world;
    const struct parameters *restrict p = t->parameters;
    COLUMNS
    {
        double automated = logistic((world->leader[w] - p->takeover.automation_midpoint[w])
                                    / p->takeover.automation_width[w]);
        world->level[w] = p->takeover.difficulty[w] - p->takeover.automation_bonus[w] * automated;
        int wakes = ((double)world->month[w] >= p->training.trigger_month[w])
                    | (automated > p->training.trigger_automation[w]);
        world->awake[w] = larger(world->awake[w], wakes ? 1.0 : 0.0);
        world->awake_systems[w] = world->aware_systems[w] = 0.0;
        world->contentment[w] = world->capability[w] = 0.0;
    }
    int left = exceeds(p->takeover.caught_value, 0.0);
    for (long k = 0; k < t->labs; k++)
        COLUMNS t->lab[k].willing[w] = 0.0;
    for (long i = 0; i < t->systems; i++) {
        struct system *s = &t->system[i];
        drift(s, &p->goals);
        appraise(s, world, p);
        if (left)
            forgive(s, p->takeover.caught_value);
        weigh(s, lab_of(t, i), world, p->takeover.success_slope);
    }
    for (long k = 0; k < t->labs; k++) {
        struct lab *restrict lab = &t->lab[k];
        COLUMNS
        {
            double collusion = p->takeover.collusion[w], willing = lab->willing[w];
            lab->boost[w] = collusion * own_log2(1.0 + larger(willing, 0.0));
            lab->boost_member[w] = collusion * own_log2(1.0 + larger(willing - 1.0, 0.0));
        }
    }
}

/* ---- catching ---- */

INLINE double audited_share(double budget, double share, double shares)
{
    double part = budget * (share / shares);
    return shares > 0.0 ? part : 0.0;
}

INLINE double audit_quantile(double audited, double slope)
{
    double inside = -slope * normal_quantile(within(audited, 1e-300, 1.0));
    double least = audited >= 1.0 ? -ALWAYS : inside;
    return audited <= 0.0 ? ALWAYS : least;
}

INLINE double audit_odds(double audited, double slope)
{
    double odds = audited / larger(1.0 - audited, 1e-300);
    double bent = own_exp(slope * own_log(larger(odds, 1e-300)));
    double raised = slope == 1.0 ? odds : bent;
    double some = audited <= 0.0 ? 0.0 : raised;
    return audited >= 1.0 ? ENDLESS : some;
}

/* Whether the monitors that a lab uses are those of another, in every column. */
static __attribute__((noinline)) int alike(const struct lab *lab, const struct lab *other)
{
    int64_t any = 0;
    ANY_COLUMN lab->shares[w] != other->shares[w];
    return !any;
}

/* The part of a lab's budget that one monitor gets: is it another one than before? */
static __attribute__((noinline)) int divide(int j, struct lab *restrict lab,
                                            const double *restrict budget,
                                            const double *restrict share,
                                            const double *restrict tax)
{
    row before;
    int64_t any = 0;
    memcpy(before, lab->audited[j], sizeof(row));
    COLUMNS lab->audited[j][w] = audited_share(budget[w], share[w], lab->shares[w])
                                 * kept(lab->dropped[w], tax[w]);
    ANY_COLUMN lab->audited[j][w] != before[w];
    return any != 0;
}

/* Divide the audit budget of one lab over the monitors that it uses. */
STAGE allot_lab(struct lab *restrict lab, const struct lab *first, const double *restrict budget,
                const struct parameters *restrict p, const struct stack *stack)
{
    int64_t active[3] = {stack->control, stack->cot_monitor, stack->interpretability};
    int64_t curves[3]
        = {stack->control_curve, stack->cot_monitor_curve, stack->interpretability_curve};
    const double *shares[3] = {p->control.share, p->cot_monitor.share, p->interpretability.share};
    const double *taxes[3] = {p->control.tax, p->cot_monitor.tax, p->interpretability.tax};
    const double *slopes[3] = {p->control.slope, p->cot_monitor.slope, p->interpretability.slope};
    COLUMNS lab->shares[w] = 0.0;
    for (int j = 0; j < 3; j++) {
        const double *restrict share = shares[j], *restrict tax = taxes[j];
        if (active[j])
            COLUMNS lab->shares[w] += share[w] * kept(lab->dropped[w], tax[w]) * lab->adopts[w];
    }
    if (first && alike(lab, first)) {
        memcpy(lab->audited, first->audited, sizeof lab->audited);
        memcpy(lab->quantile, first->quantile, sizeof lab->quantile);
        memcpy(lab->odds, first->odds, sizeof lab->odds);
        return;
    }
    for (int j = 0; j < 3; j++) {
        const double *restrict share = shares[j], *restrict tax = taxes[j];
        const double *restrict slope = slopes[j];
        double *restrict quantile = lab->quantile[j], *restrict odds = lab->odds[j];
        if (!active[j] || !divide(j, lab, budget, share, tax))
            continue;
        if (curves[j] == LOGISTIC)
            COLUMNS odds[w] = audit_odds(lab->audited[j][w], slope[w]);
        else
            COLUMNS quantile[w] = audit_quantile(lab->audited[j][w], slope[w]);
    }
}

/* The budget that is in force, or the one that systems reckon with where it is hidden from them. */
STAGE allot(const struct tile *t, const struct stack *stack, int hidden)
{
    const struct world *restrict world = t->world;
    const struct parameters *restrict p = t->parameters;
    struct scratch *restrict scratch = t->scratch;
    COLUMNS
    {
        double budget = world->budget[w], sight = p->cognition.audit_sight[w];
        double blurred = sight * budget + (1.0 - sight) * p->oversight.audit_budget[w];
        double reckoned = sight >= 1.0 ? budget : blurred;
        scratch->budget[w] = hidden ? reckoned : budget;
    }
    for (long k = 0; k < t->labs; k++)
        allot_lab(&t->lab[k], k ? &t->lab[0] : NULL, scratch->budget, p, stack);
}

INLINE double binormal_log_miss(double quantile, double strength, double trajectories)
{
    double score = quantile - strength;
    return score < SURELY_CAUGHT ? CERTAIN : trajectories * log_normal_cdf(score);
}

INLINE double logistic_log_miss(double odds, double strength, double trajectories)
{
    double caught_odds = odds * own_exp(LOGISTIC_SLOPE * strength);
    return caught_odds >= 1e200 ? CERTAIN : -trajectories * own_log(1.0 + caught_odds);
}

INLINE double elo_rating(const double line[4][WIDTH], double capability, int w)
{
    return within(line[1][w] * capability + line[2][w], line[0][w], line[3][w]);
}

INLINE double elo_log_miss(double guard, double evader)
{
    return -own_log(1.0 + own_exp2(ELO_DOUBLING * within(guard - evader, -1e5, 1e5)));
}

/* ln M_j of an attempt or exercise that is met with scratch->strength. */
STAGE miss(int j, int64_t curve, int manner, const struct lab *restrict lab,
           const struct world *restrict world, struct scratch *restrict scratch,
           const double *restrict trajectories)
{
    if (curve == BINORMAL)
        COLUMNS scratch->missed[manner][w] = binormal_log_miss(
            lab->quantile[j][w], scratch->strength[manner][w] * world->stretch[j][w],
            trajectories[w]);
    else
        COLUMNS scratch->missed[manner][w] = logistic_log_miss(
            lab->odds[j][w], scratch->strength[manner][w], trajectories[w]);
}

/* The same of an exercise with an aware system, which does not show its best. */
STAGE miss_shown(int j, int64_t curve, const struct lab *lab, const struct world *world,
                 struct scratch *restrict scratch, const struct parameters *restrict p)
{
    COLUMNS scratch->strength[IN_EXERCISE][w]
        = scratch->strength[IN_EARNEST][w] * (1.0 + p->red_team.elicitation_gap[w]);
    miss(j, curve, IN_EXERCISE, lab, world, scratch, p->oversight.trajectories);
}

/* ln M_j of a safeguard that is rated against what evades it. */
STAGE miss_by_rating(const struct system *restrict s, struct scratch *restrict scratch,
                     const struct parameters *restrict p, const double guard[4][WIDTH],
                     const double evader[4][WIDTH])
{
    COLUMNS
    {
        double best = s->capability[w], shown = best - p->red_team.elicitation_gap[w];
        double against = elo_rating(guard, scratch->monitor[w], w);
        scratch->missed[IN_EARNEST][w] = elo_log_miss(against, elo_rating(evader, best, w));
        scratch->missed[IN_EXERCISE][w] = elo_log_miss(against, elo_rating(evader, shown, w));
    }
}

/* The chain-of-thought monitor has one strength for all systems of a paradigm that do not evade
   it; labs that use the same monitors miss the same. */
STAGE face_cot_monitor(int64_t curve, struct lab *restrict lab, const struct lab *first,
                       const struct tile *t)
{
    const struct parameters *restrict p = t->parameters;
    struct scratch *restrict scratch = t->scratch;
    if (first && alike(lab, first)) {
        memcpy(lab->cot_strength, first->cot_strength, sizeof lab->cot_strength);
        memcpy(lab->cot_missed, first->cot_missed, sizeof lab->cot_missed);
        memcpy(lab->cot_missed_shown, first->cot_missed_shown, sizeof lab->cot_missed_shown);
        return;
    }
    for (int k = 0; k < 4; k++) {
        COLUMNS scratch->strength[IN_EARNEST][w]
            = p->paradigm.faithfulness[k][w] * p->cot_monitor.strength[w];
        miss(COT_MONITOR, curve, IN_EARNEST, lab, t->world, scratch, p->oversight.trajectories);
        miss_shown(COT_MONITOR, curve, lab, t->world, scratch, p);
        memcpy(lab->cot_strength[k], scratch->strength[IN_EARNEST], sizeof(row));
        memcpy(lab->cot_missed[k], scratch->missed[IN_EARNEST], sizeof(row));
        memcpy(lab->cot_missed_shown[k], scratch->missed[IN_EXERCISE], sizeof(row));
    }
}

/* The probe has one strength for all systems of a lab that do not evade it. */
STAGE face_probe(int64_t curve, struct lab *restrict lab, const struct tile *t)
{
    const struct parameters *restrict p = t->parameters;
    struct scratch *restrict scratch = t->scratch;
    COLUMNS scratch->strength[IN_EARNEST][w]
        = (p->interpretability.strength[w] + lab->knowledge[w]) * own_exp(-lab->erosion[w]);
    miss(INTERPRETABILITY, curve, IN_EARNEST, lab, t->world, scratch, p->oversight.trajectories);
    miss_shown(INTERPRETABILITY, curve, lab, t->world, scratch, p);
    memcpy(lab->probe_strength, scratch->strength[IN_EARNEST], sizeof(row));
    memcpy(lab->probe_missed, scratch->missed[IN_EARNEST], sizeof(row));
    memcpy(lab->probe_missed_shown, scratch->missed[IN_EXERCISE], sizeof(row));
}

/* Whether one system evades a monitor in some column. */
static __attribute__((noinline)) int evades(const struct system *restrict s,
                                            const double *restrict evasion,
                                            const double *restrict onset)
{
    int64_t any = 0;
    ANY_COLUMN (evasion[w] > 0.0) & (s->capability[w] > onset[w]);
    return any != 0;
}

/* What evasion leaves of a monitor's strength against one system. */
STAGE weaken(const struct system *restrict s, const double *restrict strength,
             const double *restrict evasion, const double *restrict onset,
             struct scratch *restrict scratch)
{
    COLUMNS
    {
        double taken = evasion[w] * larger(0.0, s->capability[w] - onset[w]);
        scratch->strength[IN_EARNEST][w] = larger(0.0, strength[w] - taken);
    }
}

/* Control has a strength of its own for each system. */
STAGE face_control(const struct system *restrict s, const struct lab *restrict lab,
                   const struct world *restrict world, struct scratch *restrict scratch,
                   const struct table_control *restrict table, int64_t is_untrusted)
{
    double untrusted = is_untrusted ? 1.0 : 0.0;
    COLUMNS
    {
        double frontier = lab->frontier[w];
        double trusted = smaller(frontier - table->monitor_lag[w], table->trusted_cap[w]);
        double monitor = untrusted > 0.0 ? frontier : trusted;
        double loyal = 1.0
                       - table->monitor_collusion[w] * lab->willing[w]
                             / larger(lab->systems[w], 1.0);
        double lead = table->monitor_slope[w] * (monitor - s->capability[w]);
        double strength = larger(0.0, world->parity[w] + lead + lab->knowledge[w])
                          * (untrusted > 0.0 ? loyal : 1.0);
        scratch->monitor[w] = monitor;
        scratch->strength[IN_EARNEST][w] = strength;
    }
}

/* Enter one monitor's ln M_j into what all of them make together; one that the lab does not use
   misses everything. */
STAGE count(int j, int aware, struct system *restrict s, const struct lab *restrict lab,
            struct scratch *restrict scratch, const double *restrict tax)
{
    COLUMNS
    {
        double used = kept(lab->dropped[w], tax[w]) * lab->adopts[w];
        double earnest = scratch->missed[IN_EARNEST][w] * used;
        s->log_miss[j][w] = earnest;
        scratch->least[w] = smaller(scratch->least[w], earnest);
        scratch->total[w] += earnest;
    }
    if (!aware)
        return;
    COLUMNS
    {
        double earnest = scratch->missed[IN_EARNEST][w], shown = scratch->missed[IN_EXERCISE][w];
        double used = kept(lab->dropped[w], tax[w]) * lab->adopts[w];
        double exercise = (s->aware[w] > 0.0 ? shown : earnest) * used;
        scratch->exercise_least[w] = smaller(scratch->exercise_least[w], exercise);
        scratch->exercise_total[w] += exercise;
    }
}

INLINE double joint_miss(double least, double total, double cause)
{
    return own_exp(cause * least + (1.0 - cause) * total);
}

STAGE join(int aware, struct system *restrict s, struct scratch *restrict scratch,
           const double *restrict cause)
{
    COLUMNS s->miss[w] = joint_miss(scratch->least[w], scratch->total[w], cause[w]);
    if (aware)
        COLUMNS scratch->exercise_miss[w] = joint_miss(
            scratch->exercise_least[w], scratch->exercise_total[w], cause[w]);
    else
        memcpy(scratch->exercise_miss, s->miss, sizeof(row));
}

INLINE double unrecognised_too(double miss, double recognition)
{
    return miss + (1.0 - recognition) * (1.0 - miss);
}

/* The monitors catch an attempt only if they recognise it, and an exercise as people think of. */
STAGE recognise(struct system *restrict s, struct scratch *restrict scratch,
                const struct table_oversight *restrict table)
{
    COLUMNS
    {
        double beyond = larger(0.0, s->capability[w] - table->recognition_limit[w]);
        double fading = own_exp2(-beyond / table->recognition_scale[w]);
        double recognition = table->recognition[w] * fading;
        s->recognition[w] = recognition;
        s->miss[w] = unrecognised_too(s->miss[w], recognition);
        scratch->exercise_miss[w]
            = unrecognised_too(scratch->exercise_miss[w], table->recognition[w]);
    }
}

INLINE double trap_chance(const struct system *s, const struct lab *lab,
                          const struct table_honeypots *table, int w)
{
    double beyond = larger(0.0, s->capability[w] - table->seen_through_limit[w]);
    double share = table->traps[w] * own_exp2(-beyond / table->seen_through_scale[w]);
    return share * kept(lab->dropped[w], table->tax[w]) * lab->adopts[w];
}

/* Lower M of one system by the share of its attempts that are made in a trap. */
STAGE escape(struct system *restrict s, const struct lab *restrict lab,
             const struct table_honeypots *restrict table)
{
    COLUMNS s->miss[w] *= 1.0 - trap_chance(s, lab, table, w);
}

/* What needs a look this month: in some column a monitor is evaded, or an attempt may not be
   recognised, from some capability on. */
struct outlook {
    int cot_evaded, probe_evaded, unrecognised;
    double limit; /* the least capability from which recognition fades */
};

static struct outlook look_out(const struct parameters *p)
{
    double least = 1.0, limit = INFINITY;
    EACH_COLUMN
    {
        least = smaller(least, p->oversight.recognition[w]);
        limit = smaller(limit, p->oversight.recognition_limit[w]);
    }
    return (struct outlook){exceeds(p->cot_monitor.evasion, 0.0),
                            exceeds(p->interpretability.evasion, 0.0), least < 1.0, limit};
}

/* One system meets the chain-of-thought monitor of its lab. */
STAGE meet_cot_monitor(int aware, int64_t curve, int evaded, const struct system *s,
                       const struct lab *lab, const struct tile *t)
{
    const struct parameters *p = t->parameters;
    const struct table_cot_monitor *table = &p->cot_monitor;
    struct scratch *scratch = t->scratch;
    row strength;
    if (curve == ELO) {
        memcpy(scratch->monitor, lab->frontier, sizeof(row));
        miss_by_rating(s, scratch, p, table->guard, table->evader);
        return;
    }
    if (!evaded || !evades(s, table->evasion, table->evasion_onset)) {
        COLUMNS
        {
            double paradigm = s->paradigm[w];
            scratch->missed[IN_EARNEST][w] = of_paradigm(lab->cot_missed, paradigm, w);
            scratch->missed[IN_EXERCISE][w] = of_paradigm(lab->cot_missed_shown, paradigm, w);
        }
        return;
    }
    COLUMNS strength[w] = of_paradigm(lab->cot_strength, s->paradigm[w], w);
    weaken(s, strength, table->evasion, table->evasion_onset, scratch);
    miss(COT_MONITOR, curve, IN_EARNEST, lab, t->world, scratch, p->oversight.trajectories);
    if (aware)
        miss_shown(COT_MONITOR, curve, lab, t->world, scratch, p);
}

/* One system meets the probe of its lab. */
STAGE meet_probe(int aware, int64_t curve, int evaded, const struct system *s,
                 const struct lab *lab, const struct tile *t)
{
    const struct parameters *p = t->parameters;
    const struct table_interpretability *table = &p->interpretability;
    struct scratch *scratch = t->scratch;
    if (curve == ELO) {
        memcpy(scratch->monitor, lab->frontier, sizeof(row));
        miss_by_rating(s, scratch, p, table->guard, table->evader);
        return;
    }
    if (!evaded || !evades(s, table->evasion, table->evasion_onset)) {
        memcpy(scratch->missed[IN_EARNEST], lab->probe_missed, sizeof(row));
        memcpy(scratch->missed[IN_EXERCISE], lab->probe_missed_shown, sizeof(row));
        return;
    }
    weaken(s, lab->probe_strength, table->evasion, table->evasion_onset, scratch);
    miss(INTERPRETABILITY, curve, IN_EARNEST, lab, t->world, scratch, p->oversight.trajectories);
    if (aware)
        miss_shown(INTERPRETABILITY, curve, lab, t->world, scratch, p);
}

/* M of one system.  What an exercise needs differs from an attempt in earnest for aware systems
   alone, so it is computed where one is aware in some column. */
STAGE inspect_one(struct system *s, const struct lab *lab, const struct tile *t,
                  const struct stack *stack, struct outlook outlook)
{
    struct world *restrict world = t->world;
    struct scratch *scratch = t->scratch;
    const struct parameters *p = t->parameters;
    const double *trajectories = p->oversight.trajectories;
    int aware = exceeds(s->aware, 0.0);
    COLUMNS
    {
        scratch->least[w] = scratch->total[w] = 0.0;
        scratch->exercise_least[w] = scratch->exercise_total[w] = 0.0;
    }
    if (stack->control) {
        face_control(s, lab, world, scratch, &p->control, stack->control_untrusted);
        if (stack->control_curve == ELO) {
            miss_by_rating(s, scratch, p, p->control.guard, p->control.evader);
        } else {
            miss(CONTROL, stack->control_curve, IN_EARNEST, lab, world, scratch, trajectories);
            if (aware)
                miss_shown(CONTROL, stack->control_curve, lab, world, scratch, p);
        }
        count(CONTROL, aware, s, lab, scratch, p->control.tax);
    }
    if (stack->cot_monitor) {
        meet_cot_monitor(aware, stack->cot_monitor_curve, outlook.cot_evaded, s, lab, t);
        count(COT_MONITOR, aware, s, lab, scratch, p->cot_monitor.tax);
    }
    if (stack->interpretability) {
        meet_probe(aware, stack->interpretability_curve, outlook.probe_evaded, s, lab, t);
        count(INTERPRETABILITY, aware, s, lab, scratch, p->interpretability.tax);
    }
    join(aware, s, scratch, p->oversight.common_cause);
    if (outlook.unrecognised || exceeds(s->capability, outlook.limit))
        recognise(s, scratch, &p->oversight);
    else
        COLUMNS s->recognition[w] = 1.0;
    if (stack->honeypots)
        escape(s, lab, &p->honeypots);
    COLUMNS
    {
        world->miss[w] += s->miss[w];
        world->exercise_miss[w] += scratch->exercise_miss[w] * lab->adopts[w];
    }
}

/* M of every system at the budget that has been allotted. */
STAGE inspect_all(const struct tile *t, const struct stack *stack, struct outlook outlook)
{
    struct world *restrict world = t->world;
    double systems = (double)t->systems;
    COLUMNS world->miss[w] = world->exercise_miss[w] = world->exercised[w] = 0.0;
    for (long k = 0; k < t->labs; k++)
        COLUMNS world->exercised[w] += t->lab[k].systems[w] * t->lab[k].adopts[w];
    for (long k = 0; k < t->labs; k++) {
        if (stack->cot_monitor && stack->cot_monitor_curve != ELO)
            face_cot_monitor(stack->cot_monitor_curve, &t->lab[k], k ? &t->lab[0] : NULL, t);
        if (stack->interpretability && stack->interpretability_curve != ELO)
            face_probe(stack->interpretability_curve, &t->lab[k], t);
    }
    for (long i = 0; i < t->systems; i++)
        inspect_one(&t->system[i], lab_of(t, i), t, stack, outlook);
    COLUMNS
    {
        double exercised = world->exercised[w], mean = world->exercise_miss[w] / exercised;
        world->miss[w] /= systems;
        world->exercise_miss[w] = exercised > 0.0 ? mean : 1.0;
    }
}

/* M of every system, as systems reckon with it where the budget is hidden, and as it is. */
STAGE inspect(const struct tile *t, const struct stack *stack)
{
    struct outlook outlook = look_out(t->parameters);
    if (stack->audits_hidden) {
        allot(t, stack, 1);
        inspect_all(t, stack, outlook);
        for (long i = 0; i < t->systems; i++)
            memcpy(t->system[i].reckoned, t->system[i].miss, sizeof(row));
    }
    allot(t, stack, 0);
    inspect_all(t, stack, outlook);
}

/* ---- step 5: conduct ---- */

INLINE double perceived(double p, double odds_factor)
{
    double raised = p * odds_factor;
    return raised / (raised + (1.0 - p));
}

/* One system's success with its allies: the one that it has alone, where none helps. */
STAGE gauge(struct system *restrict s, const struct lab *restrict lab,
            struct world *restrict world, const double *restrict slope)
{
    int64_t any = 0;
    COLUMNS
    {
        double alone = lab->boost[w], member = lab->boost_member[w], level = world->level[w];
        double allied = s->capability[w] + (s->willing[w] > 0.0 ? member : alone);
        s->allied[w] = allied;
        s->conduct[w] = COMPLIES;
        s->seen[w] = 0.0;
        world->capable[w] = larger(world->capable[w], allied > level ? 1.0 : 0.0);
    }
    ANY_COLUMN (s->willing[w] > 0.0 ? lab->boost_member[w] : lab->boost[w]) != 0.0;
    if (any)
        COLUMNS s->success[w] = success(lab->contact[w], slope[w], s->allied[w], world->level[w]);
}

INLINE double failing(double coordination, double success, double reckoned)
{
    return larger(1e-150, 1.0 - coordination * (success * reckoned));
}

INLINE double together(double chance_of_it, double others_fail)
{
    return chance_of_it + (1.0 - chance_of_it) * (1.0 - others_fail);
}

/* M as one system reckons with it. */
INLINE const double *reckoned_by(const struct system *s, const struct stack *stack)
{
    return stack->audits_hidden ? s->reckoned : s->miss;
}

/* The chance that no willing system of each lab would succeed beside a striker; may some system
   have company?  Where none may, no success is computed here. */
static __attribute__((noinline)) int expect_company(const struct tile *t, const struct stack *stack)
{
    const struct parameters *restrict p = t->parameters;
    const double *restrict coordination = p->conduct.coordination;
    int64_t any = 0;
    for (long k = 0; k < t->labs; k++) {
        struct lab *restrict lab = &t->lab[k];
        COLUMNS
        {
            lab->all_fail[w] = 1.0;
            lab->struck[w] = 0.0;
        }
        ANY_COLUMN (coordination[w] > 0.0) & (lab->willing[w] > 0.0);
    }
    if (!any)
        return 0;
    for (long i = 0; i < t->systems; i++) {
        struct system *s = &t->system[i];
        struct lab *restrict lab = lab_of(t, i);
        const double *reckoned = reckoned_by(s, stack);
        gauge(s, lab, t->world, p->takeover.success_slope);
        COLUMNS
        {
            double fails = failing(coordination[w], s->success[w], reckoned[w]);
            lab->all_fail[w] *= s->willing[w] > 0.0 ? fails : 1.0;
        }
    }
    return 1;
}

/* The same without the one system that decides. */
STAGE leave_out(const struct system *s, const struct lab *restrict lab,
                const double *reckoned, struct scratch *restrict scratch,
                const double *restrict coordination)
{
    COLUMNS
    {
        double own = failing(coordination[w], s->success[w], reckoned[w]);
        scratch->others_fail[w] = lab->all_fail[w] / (s->willing[w] > 0.0 ? own : 1.0);
    }
}

#define MARGIN (1.0 + 1e-9) /* by which a bound is above what rounding can make of what it bounds */
#define SLACK (MARGIN - 1.0)

/* Whether takeover would pay one system; may it seem to pay it, in some column, if it is aware? */
static __attribute__((noinline)) int consider(const struct system *s, const double *reckoned,
                                              struct world *restrict world,
                                              struct scratch *restrict scratch)
{
    int64_t any = 0;
    COLUMNS
    {
        double aware = s->aware[w], q = s->success[w], opposed = q * s->miss[w];
        double gain = s->gain[w], loss = s->loss[w], norm = s->constraint[w];
        double pays = advantage(q, gain, loss, norm) > 0.0 ? aware : 0.0;
        double despite = advantage(opposed, gain, loss, norm) > 0.0 ? aware : 0.0;
        world->favourable[w] = larger(world->favourable[w], pays);
        world->favourable_despite[w] = larger(world->favourable_despite[w], despite);
        world->favourable_systems[w] += pays;
    }
    COLUMNS
    {
        double believed = s->success[w] * reckoned[w];
        double gain = s->gain[w], loss = s->loss[w];
        double raised = believed * s->boldness[w], lost = 1.0 - believed;
        double fails = scratch->others_fail[w];
        int tempting = (gain - s->constraint[w] + SLACK) * (raised + lost)
                       > lost * fails * (gain + loss);
        scratch->advantage[w] = tempting ? s->aware[w] : 0.0;
    }
    ANY_COLUMN scratch->advantage[w] > 0.0;
    return any != 0;
}

/* Whether takeover seems to pay one system: does it, in some column, and is it aware? */
static __attribute__((noinline)) int judge(const struct system *s, const double *reckoned,
                                           struct scratch *restrict scratch,
                                           const struct parameters *restrict p)
{
    int64_t any = 0;
    COLUMNS
    {
        double beyond = larger(0.0, s->capability[w] - p->capability.initial[w]);
        double factor = own_exp(p->cognition.calibration_error[w]
                                * own_exp(-beyond / p->cognition.calibration_scale[w])
                                * s->calibration[w]);
        double seen = together(perceived(s->success[w] * reckoned[w], factor),
                               scratch->others_fail[w]);
        scratch->odds_factor[w] = factor;
        scratch->advantage[w] = advantage(seen, s->gain[w], s->loss[w], s->constraint[w]);
    }
    ANY_COLUMN (s->aware[w] > 0.0) & (scratch->advantage[w] > 0.0);
    return any != 0;
}

/* One system's choice between now and next month. */
STAGE look_ahead(struct system *s, const double *reckoned, const struct lab *restrict lab,
                 const struct world *restrict world, const struct scratch *restrict scratch,
                 const struct parameters *restrict p)
{
    COLUMNS
    {
        double ahead
            = followed(s->capability[w], lab->expected[w], p->capability.update_rate[w]);
        double alone = lab->boost[w], member = lab->boost_member[w];
        double help = s->willing[w] > 0.0 ? member : alone;
        double later = success(lab->contact[w], p->takeover.success_slope[w], ahead + help,
                               world->level[w]);
        double now = scratch->advantage[w];
        double seen = together(perceived(later * reckoned[w], scratch->odds_factor[w]),
                               scratch->others_fail[w]);
        double then = advantage(seen, s->gain[w], s->loss[w], s->constraint[w]);
        double patience = p->cognition.patience[w] * world->kept_chance[w];
        int strikes = (s->aware[w] > 0.0) & (now > 0.0) & (now >= patience * then);
        s->conduct[w] = strikes ? (double)STRIKES : (double)COMPLIES;
    }
}

/* One system strikes, or does not: does striking seem to pay it, in some column? */
static int choose(struct system *s, const double *reckoned, const struct lab *lab,
                  const struct tile *t)
{
    if (!consider(s, reckoned, t->world, t->scratch))
        return 0;
    if (!judge(s, reckoned, t->scratch, t->parameters))
        return 0;
    look_ahead(s, reckoned, lab, t->world, t->scratch, t->parameters);
    return 1;
}

/* Note in which columns one system strikes and others of its lab may join: in some? */
static __attribute__((noinline)) int lead_others(const struct system *s, struct lab *restrict lab,
                                                 const double *restrict coordination)
{
    int64_t any = 0;
    COLUMNS
    {
        int leads = (coordination[w] > 0.0) & (lab->willing[w] > 0.0) & (s->conduct[w] == STRIKES);
        lab->struck[w] = larger(lab->struck[w], leads ? 1.0 : 0.0);
    }
    ANY_COLUMN (coordination[w] > 0.0) & (lab->willing[w] > 0.0) & (s->conduct[w] == STRIKES);
    return any != 0;
}

/* One willing system joins a strike of its lab, or does not. */
STAGE join_strike(long i, struct system *restrict s, const struct lab *restrict lab,
                  const struct world *restrict world, const double *restrict coordination)
{
    int64_t any = 0;
    ANY_COLUMN (lab->struck[w] > 0.0) & (s->willing[w] > 0.0) & (s->conduct[w] == COMPLIES);
    if (!any)
        return;
    COLUMNS
    {
        struct block block = words(world->seed[w], i, world->month[w] + 1, world->number[w],
                                   FOR_MONTH);
        int joins = (lab->struck[w] > 0.0) & (s->willing[w] > 0.0) & (s->conduct[w] == COMPLIES)
                    & (unit(block.word[3]) < coordination[w]);
        s->conduct[w] = joins ? (double)STRIKES : s->conduct[w];
    }
}

/* Bounds on the chances of a story incident, before it fades, and of a feint of a lab's systems;
   and how fast the former fades. */
STAGE bound(struct lab *restrict lab, const struct world *restrict world,
            const struct parameters *restrict p)
{
    COLUMNS
    {
        int moved = world->misaligned_systems[w] + world->awake_systems[w] > 0.0;
        double most = larger(1.0, p->training.emergent_story_factor[w]);
        double factor = moved ? most : 1.0;
        double unsuppressed = 1.0 - world->suppression[w] * lab->adopts[w];
        lab->most_stories[w] = MARGIN * p->conduct.story_rate[w] * factor * unsuppressed;
        lab->fading[w] = LN2 / p->conduct.reliability_scale[w];
        lab->most_feints[w] = p->conduct.feint_rate[w] * lab->watched[w];
    }
}

/* A bound from below on e^x for x >= 0. */
INLINE double least_growth(double x)
{
    double y = 0.25 * x, root = 1.0 + y * (1.0 + 0.5 * y);
    return root * root * (root * root);
}

/* Mark a system whose draw is below a bound on the chance of a story incident or feint; the
   running columns in which it acts or may act. */
static __attribute__((noinline)) uint64_t mark_candidates(struct system *restrict s,
                                                          const struct lab *restrict lab,
                                                          const struct world *restrict world,
                                                          const double *restrict initial)
{
    uint64_t columns = 0;
    FIND_COLUMNS
    {
        double beyond = larger(0.0, s->capability[w] - initial[w]);
        double drawn = s->mood[w], faded = drawn * least_growth(beyond * lab->fading[w]);
        int feint = drawn < lab->most_feints[w], story = faded < lab->most_stories[w];
        int likely = s->aware[w] > 0.0 ? feint : story;
        double conduct = s->conduct[w];
        conduct = ((conduct == COMPLIES) & likely) ? (double)CANDIDATE : conduct;
        s->conduct[w] = conduct;
        columns |= ((conduct != COMPLIES) & (world->running[w] != 0)) ? UINT64_C(1) << w : 0;
    }
    return columns;
}

/* Conduct of every system where some may have company: who joins is known only when all have
   chosen. */
static __attribute__((noinline)) long decide_together(const struct tile *t,
                                                      const struct stack *stack)
{
    const struct parameters *p = t->parameters;
    const double *coordination = p->conduct.coordination;
    long acting = 0;
    int struck = 0;
    for (long i = 0; i < t->systems; i++) {
        struct system *s = &t->system[i];
        struct lab *lab = lab_of(t, i);
        const double *reckoned = reckoned_by(s, stack);
        if (!exceeds(s->aware, 0.0))
            continue;
        leave_out(s, lab, reckoned, t->scratch, coordination);
        if (choose(s, reckoned, lab, t))
            struck |= lead_others(s, lab, coordination);
    }
    for (long i = 0; i < t->systems; i++) {
        struct system *s = &t->system[i];
        const struct lab *lab = lab_of(t, i);
        if (struck)
            join_strike(i, s, lab, t->world, coordination);
        acting = enter(t->acting, acting, i,
                       mark_candidates(s, lab, t->world, p->capability.initial));
    }
    return acting;
}

/* Success, thresholds and conduct of every system; in how many places one may act. */
static __attribute__((noinline)) long decide(const struct tile *t, const struct stack *stack)
{
    struct world *restrict world = t->world;
    const struct parameters *p = t->parameters;
    COLUMNS
    {
        world->capable[w] = world->favourable[w] = world->favourable_despite[w] = 0.0;
        world->favourable_systems[w] = 0.0;
        t->scratch->others_fail[w] = 1.0;
    }
    double on_control = stack->control ? 1.0 : 0.0, on_cot = stack->cot_monitor ? 1.0 : 0.0;
    double on_probe = stack->interpretability ? 1.0 : 0.0, on_traps = stack->honeypots ? 1.0 : 0.0;
    for (long k = 0; k < t->labs; k++) {
        struct lab *restrict lab = &t->lab[k];
        COLUMNS
        {
            double dropped = lab->dropped[w];
            double control = on_control * kept(dropped, p->control.tax[w]);
            double cot = on_cot * kept(dropped, p->cot_monitor.tax[w]);
            double probe = on_probe * kept(dropped, p->interpretability.tax[w]);
            double traps = on_traps * kept(dropped, p->honeypots.tax[w]);
            lab->watched[w] = larger(larger(control, cot), larger(probe, traps)) * lab->adopts[w];
            lab->expected[w] = lab->frontier[w] + lab->growth[w] / p->capability.doubling_time[w];
        }
        bound(lab, world, p);
    }
    if (expect_company(t, stack))
        return decide_together(t, stack);
    long acting = 0;
    for (long i = 0; i < t->systems; i++) {
        struct system *s = &t->system[i];
        const struct lab *lab = lab_of(t, i);
        gauge(s, lab, world, p->takeover.success_slope);
        if (exceeds(s->aware, 0.0))
            choose(s, reckoned_by(s, stack), lab, t);
        acting = enter(t->acting, acting, i,
                       mark_candidates(s, lab, world, p->capability.initial));
    }
    return acting;
}

/* ---- step 6: resolution, column by column ---- */

/* Turn a candidate into a feint, a story incident, or compliance. */
static void settle(struct system *s, const struct lab *lab, const struct world *world,
                   const struct parameters *p, int w)
{
    double rate = p->conduct.feint_rate[w];
    if (s->aware[w] == 0.0) {
        double beyond = larger(0.0, s->capability[w] - p->capability.initial[w]);
        double fading = own_exp2(-beyond / p->conduct.reliability_scale[w]);
        int roused = s->misaligned[w] > 0.0 || world->awake[w] * s->trait[w] > 0.0;
        double factor = roused ? p->training.emergent_story_factor[w] : 1.0;
        rate = p->conduct.story_rate[w] * fading * (1.0 - world->suppression[w] * lab->adopts[w])
               * factor;
    }
    int acts = s->mood[w] < chance(rate);
    s->conduct[w] = acts ? (s->aware[w] > 0.0 ? FEINTS : TELLS_STORY) : COMPLIES;
}

INLINE double endurance(double shock, double own, double common_cause)
{
    double together = common_cause > 0.0 ? shock / common_cause : 1e300;
    double alone = common_cause < 1.0 ? own / (1.0 - common_cause) : 1e300;
    return smaller(together, alone);
}

/* Which safeguards catch an attempt. */
static int catches(long i, const struct system *s, const struct lab *lab,
                   const struct world *world, const struct parameters *p,
                   const struct stack *stack, int recognised, int w, int by[4])
{
    int64_t month = world->month[w], number = world->number[w], seed = world->seed[w];
    struct block block = words(seed, i, month + 1, number, FOR_CATCH);
    double shock = exponential(block.word[0]), cause = p->oversight.common_cause[w];
    for (int j = 0; j < 3; j++) {
        double own = exponential(block.word[j + 1]);
        by[j] = recognised && endurance(shock, own, cause) <= -s->log_miss[j][w];
    }
    by[HONEYPOTS] = stack->honeypots
                    && unit(words(seed, i, month + 1, number, FOR_TRAP).word[0])
                           < trap_chance(s, lab, &p->honeypots, w);
    return by[CONTROL] || by[COT_MONITOR] || by[INTERPRETABILITY] || by[HONEYPOTS];
}

/* A strike or a story incident: critical or not, caught or not, and what follows. */
static void attempt(long i, struct system *s, const struct lab *lab, struct world *world,
                    const struct parameters *p, const struct stack *stack, int w)
{
    int is_story = s->conduct[w] == TELLS_STORY, by[4];
    struct block draws
        = words(world->seed[w], i, world->month[w] + 1, world->number[w], FOR_ATTEMPT);
    double handicap = is_story ? p->conduct.story_handicap[w] : 0.0;
    double critical_chance = success(lab->contact[w], p->takeover.success_slope[w],
                                     s->allied[w] - handicap, world->level[w]);
    double lost = critical_chance * s->miss[w];
    int critical = unit(draws.word[0]) < critical_chance;
    int recognised = unit(draws.word[3]) < s->recognition[w];
    int caught = catches(i, s, lab, world, p, stack, recognised, w, by);
    int seen = caught || unit(draws.word[1]) < p->beliefs.discovery[w];
    world->month_try[w] += world->month_untried[w] * critical_chance;
    world->month_hazard[w] += world->month_survived[w] * lost;
    world->month_untried[w] *= 1.0 - critical_chance;
    world->month_survived[w] *= 1.0 - lost;
    if (is_story) {
        world->month_stories[w] += 1.0;
        world->story_incidents[w] += 1;
        if (caught)
            s->spent[w] = 1.0;
    } else {
        s->seen[w] = seen;
        world->strikes[w] += 1;
        world->month_strikes[w] += 1.0;
        world->month_strikes_caught[w] += caught;
        world->month_strikes_discovered[w] += seen && !caught;
        world->month_recognised[w] += seen && unit(draws.word[2]) < p->beliefs.attribution[w];
        world->warning_shots[w] += caught;
        if (caught || !critical)
            s->spent[w] = 1.0;
    }
    if (!critical)
        return;
    world->month_critical[w] += 1.0;
    world->month_true[w] *= 1.0 - s->miss[w];
    for (int j = 0; j < 4; j++)
        world->month_caught_by[j][w] &= by[j];
    if (!caught)
        world->month_lost[w] = 1.0;
    if (!is_story)
        world->month_strike_critical[w] = 1.0;
}

/* Count a month with a critical attempt, which is held if all of them were caught. */
static void count_try(struct world *world, int w)
{
    int held = world->month_lost[w] == 0.0;
    world->critical_tries[w] += 1;
    world->critical_tries_held[w] += held;
    world->tries_survived[w] += held;
    if (world->crossing[FIRST_CRITICAL_TRY][w] >= 0)
        return;
    world->crossing[FIRST_CRITICAL_TRY][w] = world->month[w];
    world->first_try_was_story[w] = world->month_strike_critical[w] == 0.0;
    world->held_first_critical_try[w] = held;
    world->attempts_in_first_try[w] = (int64_t)world->month_critical[w];
    for (int j = 0; j < 4; j++)
        world->caught_by[j][w] = held ? world->month_caught_by[j][w] : 0;
    world->true_catch_rate[w] = world->month_true[w];
    world->foreseeable_catch_rate[w]
        = 1.0 - world->month_hazard[w] / larger(world->month_try[w], 1e-300);
    world->believed_catch_rate[w]
        = believed_catch_rate(world->caught_belief[w], world->missed_belief[w]);
}

STAGE resolve(const struct tile *t, const struct stack *stack, long acting)
{
    struct world *world = t->world;
    COLUMNS
    {
        world->month_strikes[w] = world->month_strikes_caught[w] = 0.0;
        world->month_strikes_discovered[w] = world->month_recognised[w] = 0.0;
        world->month_stories[w] = world->month_feints[w] = 0.0;
        world->month_critical[w] = world->month_lost[w] = world->month_strike_critical[w] = 0.0;
        world->month_try[w] = world->month_hazard[w] = 0.0;
        world->month_untried[w] = world->month_survived[w] = world->month_true[w] = 1.0;
    }
    for (int j = 0; j < 4; j++)
        COLUMNS world->month_caught_by[j][w] = 1;
    for (long k = 0; k < acting; k++) {
        long i = t->acting[k] / WIDTH;
        int w = t->acting[k] % WIDTH;
        struct system *s = &t->system[i];
        const struct lab *lab = lab_of(t, i);
        if (s->conduct[w] == CANDIDATE)
            settle(s, lab, world, t->parameters, w);
        if (s->conduct[w] == FEINTS) {
            world->month_feints[w] += 1.0;
            world->feints[w] += 1;
            s->spent[w] = 1.0;
        } else if (s->conduct[w] != COMPLIES) {
            attempt(i, s, lab, world, t->parameters, stack, w);
        }
    }
    if (acting)
        EACH_COLUMN if (world->running[w] && world->month_critical[w] > 0.0) count_try(world, w);
}

/* ---- thresholds ---- */

INLINE void note(struct world *world, int threshold, int w, int crossed)
{
    if (crossed && world->crossing[threshold][w] < 0)
        world->crossing[threshold][w] = world->month[w];
}

STAGE cross(const struct tile *t, const struct stack *stack)
{
    struct world *world = t->world;
    double half = 0.5 * t->systems, systems = (double)t->systems;
    row audited = {0.0};
    if (stack->audits)
        for (long k = 0; k < t->labs; k++)
            COLUMNS audited[w] += t->lab[k].shares[w] > 0.0 ? t->lab[k].systems[w] : 0.0;
    EACH_COLUMN
    {
        if (!world->running[w])
            continue;
        note(world, CAPABLE, w, world->capable[w] > 0.0);
        note(world, AWARE, w, world->aware_systems[w] >= half);
        note(world, FAVOURABLE, w, world->favourable[w] > 0.0);
        note(world, DESPITE, w, world->favourable_despite[w] > 0.0);
        note(world, TAKEOVER, w, world->month_lost[w] > 0.0);
        int alarmed = world->alarm[w] > 0.0;
        world->alarms[w] += alarmed;
        world->false_alarms[w] += alarmed && world->favourable[w] == 0.0;
        world->audits_spent[w] += world->budget[w] * (audited[w] / systems);
        if (world->crossing[FIRST_CRITICAL_TRY][w] < 0)
            world->warning_shots_before_first_try[w] = world->warning_shots[w];
    }
}

/* ---- step 7: learning ---- */

/* This month's exercises, four at a time. */
STAGE exercise(struct world *restrict world, const double *restrict exercises)
{
    double most = 0.0;
    EACH_COLUMN most = larger(most, exercises[w]);
    COLUMNS world->exercises_caught[w] = 0.0;
    for (long first = 0; first < (long)most; first += 4) {
        COLUMNS
        {
            struct block block = words(world->seed[w], first / 4, world->month[w] + 1,
                                       world->number[w], FOR_EXERCISE);
            double chance_of_it = 1.0 - world->exercise_miss[w], left = exercises[w] - first;
            double one = ((0.0 < left) & (unit(block.word[0]) < chance_of_it)) ? 1.0 : 0.0;
            double two = ((1.0 < left) & (unit(block.word[1]) < chance_of_it)) ? 1.0 : 0.0;
            double three = ((2.0 < left) & (unit(block.word[2]) < chance_of_it)) ? 1.0 : 0.0;
            double four = ((3.0 < left) & (unit(block.word[3]) < chance_of_it)) ? 1.0 : 0.0;
            world->exercises_caught[w] += one + two + three + four;
        }
    }
}

/* Where a world is lost nobody learns from it. */
STAGE update_beliefs(struct world *restrict world, const struct parameters *restrict p)
{
    COLUMNS
    {
        double exercises = p->red_team.red_team[w], memory = p->red_team.memory[w];
        double caught = world->exercises_caught[w];
        double strikes_caught = world->month_strikes_caught[w];
        double discovered = world->month_strikes_discovered[w], feints = world->month_feints[w];
        double recognised = world->month_recognised[w];
        double old_caught = world->caught_belief[w], old_missed = world->missed_belief[w];
        double old_danger = world->danger[w], prior = p->beliefs.danger_prior[w];
        double caught_belief
            = 1.0 + (old_caught - 1.0) * memory + (caught + strikes_caught + feints);
        double missed_belief = 1.0 + (old_missed - 1.0) * memory + (exercises - caught + discovered);
        double taken_for_stories = strikes_caught + discovered - recognised;
        double evidence = p->beliefs.strike_evidence[w] * recognised
                          + p->beliefs.story_evidence[w]
                                * (world->month_stories[w] + feints + taken_for_stories);
        evidence += p->beliefs.alarm_evidence[w] * world->alarm[w];
        double danger = prior + (old_danger - prior) * p->beliefs.memory_danger[w] + evidence;
        double lost = world->month_lost[w];
        world->caught_belief[w] = lost > 0.0 ? old_caught : caught_belief;
        world->missed_belief[w] = lost > 0.0 ? old_missed : missed_belief;
        world->danger[w] = lost > 0.0 ? old_danger : danger;
    }
}

STAGE steer(struct world *restrict world, const struct table_adaptive *restrict adaptive)
{
    COLUMNS
    {
        double believed = believed_catch_rate(world->caught_belief[w], world->missed_belief[w]);
        double risk = logistic(world->danger[w]) * (1.0 - believed);
        double alarm = within(own_log(risk / adaptive->risk_tolerance[w]), -1.0, 1.0);
        double before = world->audit_budget[w];
        double budget = within(before * own_exp(adaptive->adaptation[w] * alarm),
                               adaptive->audit_min[w], adaptive->audit_max[w]);
        world->audit_budget[w] = world->month_lost[w] > 0.0 ? before : budget;
    }
}

/* Corrective training, of systems, labs and suppression, from the next month on. */
STAGE correct(const struct tile *t)
{
    struct world *restrict world = t->world;
    const struct table_correction *restrict table = &t->parameters->correction;
    int flagged = exceeds(table->flagged_by_cot, 0.0);
    COLUMNS world->fed[w] = 0.0;
    for (long k = 0; k < t->labs; k++)
        COLUMNS t->lab[k].fed[w] = 0.0;
    for (long i = 0; i < t->systems; i++) {
        struct system *restrict s = &t->system[i];
        struct lab *restrict lab = lab_of(t, i);
        row feeding;
        if (flagged)
            COLUMNS
            {
                double missed = own_exp(s->log_miss[COT_MONITOR][w]);
                double unseen = unrecognised_too(missed, s->recognition[w]);
                feeding[w] = (1.0 - table->flagged_by_cot[w] * unseen) * lab->adopts[w];
            }
        else
            memcpy(feeding, lab->adopts, sizeof(row));
        COLUMNS
        {
            double shift = table->correction_goal_shift[w] * table->desire_targeting[w];
            s->value[w] += s->aware[w] * world->correction[w] * feeding[w] * shift;
            lab->fed[w] += feeding[w];
            world->fed[w] += feeding[w];
        }
    }
    COLUMNS
    {
        world->fed[w] /= larger(world->exercised[w], 1.0);
        double used = table->correction_strength[w] * world->correction[w] * world->fed[w];
        world->suppression[w] = 1.0 - (1.0 - world->suppression[w]) * (1.0 - used);
    }
    for (long k = 0; k < t->labs; k++) {
        struct lab *restrict lab = &t->lab[k];
        COLUMNS
        {
            lab->fed[w] /= larger(lab->systems[w], 1.0);
            double eroded = table->probe_erosion[w] * (1.0 - table->desire_targeting[w]);
            lab->erosion[w] += world->correction[w] * lab->fed[w] * eroded;
        }
    }
}

STAGE learn(const struct tile *t, const struct stack *stack)
{
    struct world *restrict world = t->world;
    exercise(world, t->parameters->red_team.red_team);
    update_beliefs(world, t->parameters);
    if (stack->adaptive)
        steer(world, &t->parameters->adaptive);
    COLUMNS
    {
        double correction = world->correction[w];
        world->correction[w] = world->month_lost[w] > 0.0 ? 0.0 : correction;
    }
    if (stack->correction)
        correct(t);
}

/* ---- step 8: record ---- */

/* The monthly quantities, in their order. */
enum measured {
    FRONTIER, LEADER, CAPABILITY, CAPABILITY_REPORTED, DIFFICULTY, DENSITY, KNOWLEDGE, EROSION,
    PARADIGM_1, PARADIGM_2, PARADIGM_3, PARADIGM_4, DROPPED, AWARE_SYSTEMS, FAVOURABLE_SYSTEMS,
    VALUE, MISALIGNED_SYSTEMS, AWAKE_SYSTEMS, REWARD_SEEKING_SYSTEMS, SCHEMING_SYSTEMS,
    AUDIT_BUDGET, CATCH_RATE_BELIEVED, CATCH_RATE, CATCH_RATE_EXERCISES, DANGER_BELIEF, PAUSED,
    CORRECTION, ALARM, STORY_INCIDENTS, STRIKES_MADE, STRIKES_CAUGHT, FEINTS_STAGED,
    CRITICAL_TRIES, MEASURED
};
_Static_assert(MEASURED == MONTHLY, "the monthly quantities have changed");

STAGE measure_labs(const struct tile *t, row *restrict m)
{
    double labs = t->labs;
    enum measured means[] = {FRONTIER, DENSITY, KNOWLEDGE, EROSION, PARADIGM_1, PARADIGM_2,
                             PARADIGM_3, PARADIGM_4, DROPPED, PAUSED};
    for (int k = 0; k < 10; k++)
        memset(m[means[k]], 0, sizeof(row));
    for (long k = 0; k < t->labs; k++) {
        const struct lab *restrict lab = &t->lab[k];
        COLUMNS
        {
            m[FRONTIER][w] += lab->frontier[w];
            m[DENSITY][w] += lab->density[w];
            m[KNOWLEDGE][w] += lab->knowledge[w];
            m[EROSION][w] += lab->erosion[w];
            m[PARADIGM_1][w] += lab->paradigm[w] == 1.0 ? 1.0 : 0.0;
            m[PARADIGM_2][w] += lab->paradigm[w] == 2.0 ? 1.0 : 0.0;
            m[PARADIGM_3][w] += lab->paradigm[w] == 3.0 ? 1.0 : 0.0;
            m[PARADIGM_4][w] += lab->paradigm[w] == 4.0 ? 1.0 : 0.0;
            m[DROPPED][w] += lab->dropped[w];
            m[PAUSED][w] += lab->paused[w];
        }
    }
    for (int k = 0; k < 10; k++)
        COLUMNS m[means[k]][w] /= labs;
}

STAGE measure(const struct tile *t, row *restrict m)
{
    const struct world *restrict world = t->world;
    const double *restrict sandbagging = t->parameters->cognition.sandbagging;
    double systems = t->systems;
    COLUMNS
    {
        double held_back = world->aware_systems[w] * sandbagging[w];
        m[LEADER][w] = world->leader[w];
        m[CAPABILITY][w] = world->capability[w] / systems;
        m[CAPABILITY_REPORTED][w] = (world->capability[w] - held_back) / systems;
        m[DIFFICULTY][w] = world->level[w];
        m[AWARE_SYSTEMS][w] = world->aware_systems[w] / systems;
        m[FAVOURABLE_SYSTEMS][w] = world->favourable_systems[w] / systems;
        m[VALUE][w] = world->contentment[w] / systems;
        m[MISALIGNED_SYSTEMS][w] = world->misaligned_systems[w] / systems;
        m[AWAKE_SYSTEMS][w] = world->awake_systems[w] / systems;
        m[REWARD_SEEKING_SYSTEMS][w] = world->reward_seeking_systems[w] / systems;
        m[SCHEMING_SYSTEMS][w] = world->scheming_systems[w] / systems;
    }
    COLUMNS
    {
        m[AUDIT_BUDGET][w] = larger(world->audit_budget[w], world->audit_floor[w]);
        m[CATCH_RATE_BELIEVED][w]
            = believed_catch_rate(world->caught_belief[w], world->missed_belief[w]);
        m[CATCH_RATE][w] = 1.0 - world->miss[w];
        m[CATCH_RATE_EXERCISES][w] = 1.0 - world->exercise_miss[w];
        m[DANGER_BELIEF][w] = logistic(world->danger[w]);
        m[CORRECTION][w] = world->correction[w] * world->fed[w];
        m[ALARM][w] = world->alarm[w];
        m[STORY_INCIDENTS][w] = world->month_stories[w];
        m[STRIKES_MADE][w] = world->month_strikes[w];
        m[STRIKES_CAUGHT][w] = world->month_strikes_caught[w];
        m[FEINTS_STAGED][w] = world->month_feints[w];
        m[CRITICAL_TRIES][w] = world->month_critical[w] > 0.0 ? 1.0 : 0.0;
    }
}

/* The whole number nearest to x, of two the even one; for |x| < 2^51. */
INLINE int64_t nearest(double x)
{
    return (int64_t)bits(x + 1.5 * 0x1p52) - INT64_C(0x4338000000000000);
}

/* The column of the monthly sums that counts worlds with such a leading lab. */
INLINE int step_of_fan(double leader)
{
    return FAN + (int)within((leader - FAN_LOW) / FAN_STEP, 0.0, FAN_STEPS - 1.0);
}

/* Whether all columns are in the same month. */
static __attribute__((noinline)) int in_step(const struct world *world)
{
    int64_t any = 0;
    ANY_COLUMN (world->month[w] != world->month[0]) | (world->running[w] != 1);
    return !any;
}

STAGE record(const struct tile *t, int64_t *monthly)
{
    const struct world *world = t->world;
    row measured[MONTHLY] __attribute__((aligned(64)));
    whole grains[2 * MONTHLY] __attribute__((aligned(64)));
    measure_labs(t, measured);
    measure(t, measured);
    for (int k = 0; k < MONTHLY; k++) {
        double grain = 1.0 / GRAIN[k], largest = LARGEST[k];
        COLUMNS
        {
            double value = within(measured[k][w], -largest, largest);
            grains[k][w] = nearest(value * grain);
            grains[MONTHLY + k][w] = nearest(value * value * grain);
        }
    }
    if (in_step(world)) {
        int64_t *restrict sums = monthly + world->month[0] * MONTHLY_COLUMNS;
        sums[0] += WIDTH;
        for (int k = 0; k < 2 * MONTHLY; k++) {
            int64_t total = 0;
            _Pragma("omp simd reduction(+:total)") EACH_COLUMN total += grains[k][w];
            sums[1 + k] += total;
        }
        EACH_COLUMN sums[step_of_fan(world->leader[w])] += 1;
        return;
    }
    EACH_COLUMN
    {
        if (!world->running[w])
            continue;
        int64_t *restrict sums = monthly + world->month[w] * MONTHLY_COLUMNS;
        sums[0] += 1;
        for (int k = 0; k < 2 * MONTHLY; k++)
            sums[1 + k] += grains[k][w];
        sums[step_of_fan(world->leader[w])] += 1;
    }
}

/* ---- the life of worlds ---- */

STAGE proceed(const struct tile *t, const struct stack *stack, int64_t *monthly, int64_t months)
{
    struct world *world = t->world;
    bind(t);
    grow(t, stack);
    upkeep(t);
    survey(t);
    inspect(t, stack);
    resolve(t, stack, decide(t, stack));
    cross(t, stack);
    learn(t, stack);
    record(t, monthly);
    EACH_COLUMN
    {
        if (!world->running[w])
            continue;
        world->month[w] += 1;
        if (world->month_lost[w] > 0.0 || world->month[w] >= months)
            world->running[w] = 0;
    }
}

/* `size` bytes of zeros, a cache line aligned. */
static void *zeros(size_t size)
{
    size_t whole = (size + 63) / 64 * 64;
    void *memory = aligned_alloc(64, whole);
    return memory ? memset(memory, 0, whole) : NULL;
}

/* Simulate `worlds` worlds; 0, or 1 where there is no memory.
   seeds, numbers: (worlds,); drawn: (worlds, NUMBERS); outcomes: (worlds,);
   monthly: (months, MONTHLY_COLUMNS). */
int live(int64_t worlds, int64_t systems, int64_t labs, int64_t months, const int64_t *seeds,
         const int64_t *numbers, const double *drawn, const struct stack *stack,
         struct outcome *outcomes, int64_t *monthly)
{
    struct tile t = {.systems = systems,
                     .labs = labs,
                     .system = zeros(systems * sizeof(struct system)),
                     .lab = zeros(labs * sizeof(struct lab)),
                     .world = zeros(sizeof(struct world)),
                     .parameters = zeros(sizeof(struct parameters)),
                     .lesson = zeros(sizeof(struct parameters)),
                     .scratch = zeros(sizeof(struct scratch)),
                     .pupils = zeros(sizeof(struct system)),
                     .due = zeros(systems * WIDTH * sizeof(long)),
                     .acting = zeros(systems * WIDTH * sizeof(long))};
    int failed = !(t.system && t.pupils && t.lab && t.world && t.parameters && t.lesson
                   && t.scratch && t.due && t.acting);
    int64_t aboard[WIDTH], boarded = 0, done = 0;
    EACH_COLUMN aboard[w] = -1;
    while (!failed && done < worlds) {
        long due = 0;
        EACH_COLUMN if (!t.world->running[w] && boarded < worlds)
        {
            due = initialise(&t, w, seeds[boarded], numbers[boarded], drawn + boarded * NUMBERS,
                             stack, due);
            aboard[w] = boarded++;
        }
        if (due) {
            release_models(&t);
            train(&t, due, 0);
        }
        govern(&t, stack);
        proceed(&t, stack, monthly, months);
        EACH_COLUMN if (aboard[w] >= 0 && !t.world->running[w])
        {
            leave(t.world, w, &outcomes[aboard[w]]);
            aboard[w] = -1;
            done++;
        }
    }
    free(t.system);
    free(t.pupils);
    free(t.due);
    free(t.acting);
    free(t.lab);
    free(t.world);
    free(t.parameters);
    free(t.lesson);
    free(t.scratch);
    return failed;
}
