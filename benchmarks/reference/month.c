/* The month in C, written for speed: the yardstick of the compiled kernel.

   The same algorithm on the same layout.  Worlds lie in tiles of WIDTH columns, a world a
   column; every quantity is a row of WIDTH numbers; the inner loop of each stage runs over the
   columns and has no branches, so that the compiler makes vector instructions of it.  Rare
   events are looked at column by column behind a cheap test.  A column whose world is over takes
   the next one.  Draws are the package's, equations are written in its order of operations, and
   so worlds and monthly sums are the same bits.

   Systems that are trained afresh are queued and trained side by side, one of each column at a
   time; what is the same for all systems of a lab or paradigm is computed once; what matters to
   aware systems alone is computed where there are some.

   layout.h is written by c_reference.py from the package's own dtypes: of parameters, of what is
   kept of a world, and of monthly sums. */

#include <stdlib.h>

#include "layout.h"
#include "mathematics.h"
#include "draws.h"

#define COLUMNS _Pragma("omp simd") for (int w = 0; w < WIDTH; w++)
#define EACH_COLUMN for (int w = 0; w < WIDTH; w++)
#define STAGE static __attribute__((noinline)) void

enum { COMPLIES, STRIKES, TELLS_STORY, FEINTS, CANDIDATE };
enum { CONTROL, COT_MONITOR, INTERPRETABILITY };
enum { BINORMAL, LOGISTIC, ELO };
enum { WARN, PAUSE, RESTRICT };
enum { CAPABLE, AWARE, FAVOURABLE, DESPITE, FIRST_CRITICAL_TRY, TAKEOVER };

#define CERTAIN (-1e4)
#define ALWAYS 1e6
#define ENDLESS 1e250
#define LOGISTIC_SLOPE 1.6
#define ELO_DOUBLING 0.008304820237218405
#define SQRT_2 1.4142135623730951

/* ---- the arrays: a row of WIDTH numbers for every quantity, what is used together together ---- */

typedef double row[WIDTH];
typedef int64_t whole[WIDTH];

struct system {
    row capability, paradigm, density, value, value_target, scope, saturation, horizon, foresight;
    row constraint, awareness, calibration, archetype, misaligned, trait, spent, drift;
    row aware, contentment, gain, loss, willing, allied, success, miss, conduct, log_miss[3];
};

struct lab {
    row frontier, paradigm, density, deviation, knowledge, erosion, complies, dropped, growth;
    row paused, willing, boost, boost_member, systems, watched, fed, expected;
    row probe_missed, probe_missed_shown; /* ln M of its probe, in earnest and in an exercise */
};

struct world {
    whole seed, number, month, running, due;
#define COUNT(name) whole name;
    OUTCOME_COUNTS(COUNT)
#undef COUNT
    whole crossing[6], caught_by[3];
#define REAL(name) row name;
    OUTCOME_REALS(REAL)
#undef REAL
    row danger, caught_belief, missed_belief, suppression, awake, redline_error;
    row parity, staying, leaving; /* the same all through a world */
    row highest_report, alarm, audit_budget, pause, growth, contact, hold, density_floor;
    row correction, leader, level, aware_systems, exercise_miss, miss, capable, favourable;
    row favourable_despite, favourable_systems, contentment, awake_systems, fed;
    row capability, misaligned_systems, reward_seeking_systems, scheming_systems;
    row month_strikes, month_strikes_caught, month_strikes_found, month_recognised;
    row month_stories, month_feints, month_critical, month_lost, exercises_caught;
    row quantile[3], odds[3], cot_missed[4], cot_missed_shown[4];
};

/* One system of each column, handed from loop to loop within a stage. */
struct scratch {
    row monitor, strength[2], missed[2], least, total, exercise_least, exercise_total;
    row odds_factor, advantage;
    row frontier, paradigm, density; /* of the lab of a system in training */
};

enum { IN_EARNEST, IN_EXERCISE };

struct tile {
    long systems, labs;
    struct system *system, *pupils; /* pupils: a system of each column in training */
    struct lab *lab;
    struct world *world;
    struct parameters *parameters;
    struct scratch *scratch;
    whole *due; /* (systems,): those to be trained, the first world->due of each column */
    long *acting; /* (systems,): those that act this month, the first of them */
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

INLINE double feedback_density(const struct table_feedback *f, double deviation, double floor,
                               double months, int w)
{
    double drift = f->density_trend[w] - f->density_race[w] * f->sparse_premium[w];
    double wanted = f->density[w] + f->density_spread[w] * deviation + drift * months;
    return smaller(larger(wanted, floor), 1.0);
}

INLINE double chance(double rate) { return 1.0 - own_exp(-rate); }

INLINE double kept(double dropped, double tax) { return (dropped > 0.0) & (tax > 0.0) ? 0.0 : 1.0; }

INLINE double success(double contact, double slope, double capability, double level)
{
    return contact * logistic(slope * (capability - level));
}

INLINE double advantage(double p, double gain, double loss, double constraint)
{
    return p * gain - (1.0 - p) * loss - constraint;
}

INLINE double saturation(double share, double scope) { return -own_expm1(-share / scope); }

INLINE double followed(double capability, double frontier, double rate)
{
    return capability + rate * (frontier - capability);
}

INLINE double believed_catch_rate(double caught, double missed)
{
    return caught / (caught + missed);
}

INLINE struct lab *lab_of(const struct tile *t, long i) { return &t->lab[i % t->labs]; }

/* ---- training ---- */

INLINE double offset(double kind, double intended, double reward_seeking, double scheming)
{
    return kind == 0.0 ? intended : kind == 1.0 ? reward_seeking : scheming;
}

INLINE double interpolated(double sparse, double dense, double density)
{
    return own_exp(own_log(sparse) + density * (own_log(dense) - own_log(sparse)));
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

/* Where each column's system in training finds its lab. */
STAGE enrol(const struct tile *t, long turn)
{
    struct scratch *scratch = t->scratch;
    EACH_COLUMN
    {
        const struct lab *lab = lab_of(t, t->due[turn][w]);
        scratch->frontier[w] = lab->frontier[w];
        scratch->paradigm[w] = lab->paradigm[w];
        scratch->density[w] = lab->density[w];
    }
}

STAGE train_afresh(struct system *restrict s, const struct scratch *restrict lab,
                   const struct world *restrict world, const struct parameters *restrict p,
                   const int64_t *restrict due, int64_t after)
{
    const struct table_training *restrict training = &p->training;
    const struct table_feedback *restrict f = &p->feedback;
    COLUMNS
    {
        int64_t i = due[w], month = world->month[w] + after;
        struct block ability = words(world->seed[w], i, month, world->number[w], FOR_ABILITY);
        struct block nature = words(world->seed[w], i, month, world->number[w], FOR_NATURE);
        double density = lab->density[w];
        double capability = lab->frontier[w]
                            + p->capability.system_spread[w] * normal(ability.word[0]);
        double awareness = p->cognition.awareness_midpoint[w]
                           + p->cognition.awareness_spread[w] * normal(ability.word[1]);
        double kind = draw_archetype(unit(nature.word[1]), p, density, w);
        double needed = training->bad_data_reference[w]
                        * own_exp2(-training->bad_data_exponent[w]
                                   * (capability - p->capability.initial[w]));
        double inoculation = training->inoculation[w];
        double immune = capability <= awareness ? inoculation : 0.0;
        double misaligning = (1.0 - own_exp(-training->bad_data[w] / needed)) * (1.0 - immune);
        double misaligned = unit(nature.word[2]) < misaligning ? 1.0 : 0.0;
        double value_offset = offset(kind, p->intended.value_offset[w],
                                     p->reward_seeking.value_offset[w],
                                     p->scheming.value_offset[w]);
        double target = own_logit(p->goals.value[w]) + value_offset
                        - training->emergent_shift[w] * misaligned;
        s->capability[w] = capability;
        s->awareness[w] = awareness;
        s->calibration[w] = normal(ability.word[2]);
        s->paradigm[w] = lab->paradigm[w];
        s->density[w] = density;
        s->archetype[w] = kind;
        s->misaligned[w] = misaligned;
        s->trait[w] = unit(nature.word[3]) < training->trigger_share[w] ? 1.0 : 0.0;
        s->value_target[w] = target;
        s->value[w] = target + p->goals.value_spread[w] * normal(ability.word[3]);
        s->drift[w] = normal(nature.word[0]); /* for the next loop */
    }
    COLUMNS
    {
        double density = lab->density[w], kind = s->archetype[w];
        double spread = f->scale_spread[w] * s->drift[w];
        double scope = interpolated(f->scope_sparse[w], f->scope_dense[w], density);
        double horizon = interpolated(f->horizon_sparse[w], f->horizon_dense[w], density);
        double scope_offset = offset(kind, p->intended.scope_offset[w],
                                     p->reward_seeking.scope_offset[w],
                                     p->scheming.scope_offset[w]);
        double horizon_offset = offset(kind, p->intended.horizon_offset[w],
                                       p->reward_seeking.horizon_offset[w],
                                       p->scheming.horizon_offset[w]);
        s->scope[w] = scope * own_exp(spread + scope_offset);
        s->horizon[w] = horizon * own_exp(spread + horizon_offset);
        s->saturation[w] = saturation(1.0, s->scope[w]);
        s->foresight[w] = own_exp(-p->takeover.payoff_delay[w] / s->horizon[w]);
        s->constraint[w] = f->constraint[w] * density;
    }
}

/* Put what has been trained in its place, in the columns that had a system due. */
STAGE release(const struct tile *t, long turn)
{
    const struct system *trained = t->pupils;
    EACH_COLUMN
    {
        if (turn >= t->world->due[w])
            continue;
        struct system *s = &t->system[t->due[turn][w]];
#define PUT(name) s->name[w] = trained->name[w];
        PUT(capability) PUT(awareness) PUT(calibration) PUT(paradigm) PUT(density) PUT(archetype)
        PUT(misaligned) PUT(trait) PUT(value_target) PUT(value) PUT(scope) PUT(horizon)
        PUT(saturation) PUT(foresight) PUT(constraint)
#undef PUT
        s->spent[w] = 0.0;
    }
}

/* Train every system that is due, one of each column at a time, with the draws of the month
   (after = 1) or of the founding (after = 0). */
STAGE train(const struct tile *t, int64_t after)
{
    int64_t most = 0;
    EACH_COLUMN most = t->world->due[w] > most ? t->world->due[w] : most;
    for (long turn = 0; turn < most; turn++) {
        enrol(t, turn);
        train_afresh(t->pupils, t->scratch, t->world, t->parameters, t->due[turn], after);
        release(t, turn);
    }
    EACH_COLUMN t->world->due[w] = 0;
}

/* ---- founding: a column becomes a new world, and leaves its result when it is over ---- */

static void found(const struct tile *t, int w, int64_t seed, int64_t number, const double *drawn)
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
    world->parity[w] = SQRT_2 * normal_quantile(p->control.auroc[w]);
    world->staying[w] = own_exp(-1.0 / p->capability.lifetime[w]);
    world->leaving[w] = chance(1.0 / p->capability.lifetime[w]);
    world->danger[w] = p->beliefs.danger_prior[w];
    world->caught_belief[w] = world->missed_belief[w] = 1.0;
    world->audit_budget[w] = p->oversight.audit_budget[w];
    world->first_try_was_story[w] = world->held_first_critical_try[w] = -1;
    world->believed_catch_rate[w] = world->true_catch_rate[w] = NAN;
    for (int k = 0; k < 6; k++)
        world->crossing[k][w] = -1;
    for (int j = 0; j < 3; j++)
        world->caught_by[j][w] = -1;
    for (long k = 0; k < t->labs; k++) {
        struct lab *lab = &t->lab[k];
        struct block block = words(seed, k, 0, number, FOR_LAB);
        own = (double *)lab;
        for (size_t field = 0; field < sizeof *lab / sizeof *own / WIDTH; field++)
            own[field * WIDTH + w] = 0.0;
        lab->frontier[w]
            = p->capability.initial[w] + p->capability.lab_spread[w] * normal(block.word[0]);
        lab->deviation[w] = normal(block.word[1]);
        lab->complies[w] = unit(block.word[2]) < p->pause.pause_compliance[w] ? 1.0 : 0.0;
        lab->paradigm[w] = p->paradigm.initial[w];
        lab->density[w] = feedback_density(&p->feedback, lab->deviation[w],
                                           p->feedback.density_floor[w], 0.0, w);
        lab->systems[w] = (double)((t->systems - k + t->labs - 1) / t->labs);
    }
    for (long i = 0; i < t->systems; i++)
        t->due[i][w] = i;
    world->due[w] = t->systems;
}

static void leave(const struct world *world, int w, struct outcome *outcome)
{
#define KEPT(name) outcome->name = world->name[w];
    OUTCOME_COUNTS(KEPT)
    OUTCOME_REALS(KEPT)
#undef KEPT
    for (int k = 0; k < 6; k++)
        outcome->crossing[k] = world->crossing[k][w];
    for (int j = 0; j < 3; j++)
        outcome->caught_by[j] = world->caught_by[j][w];
}

/* ---- step 1: governance ---- */

STAGE evaluate(const struct tile *t, const struct stack *stack)
{
    struct world *restrict world = t->world;
    const struct parameters *restrict p = t->parameters;
    COLUMNS world->highest_report[w] = -1e300;
    for (long i = 0; i < t->systems; i++) {
        const struct system *restrict s = &t->system[i];
        COLUMNS
        {
            struct block block = words(world->seed[w], i, world->month[w] + 1, world->number[w],
                                       FOR_EVALUATION);
            double back = s->capability[w] > s->awareness[w] ? p->cognition.sandbagging[w] : 0.0;
            double reported = s->capability[w] - back
                              + p->evaluations.eval_noise[w] * normal(block.word[0]);
            world->highest_report[w] = larger(world->highest_report[w], reported);
        }
    }
    EACH_COLUMN
    {
        double line = p->takeover.difficulty[w] - p->evaluations.eval_margin[w]
                      + p->evaluations.redline_error[w] * world->redline_error[w];
        double response = 1.0 - p->evaluations.eval_response[w];
        world->alarm[w] = world->highest_report[w] > line ? 1.0 : 0.0;
        if (world->alarm[w] > 0.0 && stack->evaluations_response == PAUSE)
            world->growth[w] = smaller(world->growth[w], response);
        if (world->alarm[w] > 0.0 && stack->evaluations_response == RESTRICT)
            world->contact[w] = world->contact[w] * response;
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
        double asked = believed > p->pause.pause_threshold[w] ? p->pause.pause_strength[w] : 0.0;
        world->pause[w] = pausing > 0.0 ? asked : 0.0;
        world->highest_report[w] = NAN;
        world->alarm[w] = 0.0;
    }
    if (stack->evaluations)
        evaluate(t, stack);
}

/* ---- step 2: labs ---- */

STAGE lead(const struct tile *t)
{
    struct world *restrict world = t->world;
    COLUMNS world->leader[w] = t->lab[0].frontier[w];
    for (long k = 1; k < t->labs; k++)
        COLUMNS world->leader[w] = larger(world->leader[w], t->lab[k].frontier[w]);
}

STAGE develop(long k, struct lab *restrict lab, double labs, struct world *restrict world,
              const struct parameters *restrict p, const struct stack *stack)
{
    double on_control = stack->control ? 1.0 : 0.0, on_cot = stack->cot_monitor ? 1.0 : 0.0;
    double on_probe = stack->interpretability ? 1.0 : 0.0;
    COLUMNS
    {
        lab->density[w] = feedback_density(&p->feedback, lab->deviation[w],
                                           world->density_floor[w], (double)world->month[w], w);
    }
    COLUMNS
    {
        double dropped = lab->dropped[w];
        double control = on_control * p->control.tax[w], cot = on_cot * p->cot_monitor.tax[w];
        double probe = on_probe * p->interpretability.tax[w];
        double tax = p->oversight.tax[w] + control * kept(dropped, control)
                     + cot * kept(dropped, cot) + probe * kept(dropped, probe);
        double saved = larger(0.0, control) + larger(0.0, cot) + larger(0.0, probe);
        double c = lab->frontier[w], gap = world->leader[w] - c;
        const struct table_capability *capability = &p->capability;
        double rate = capability->research_automation_gain[w]
                      * logistic((c - capability->research_automation_midpoint[w])
                                 / capability->research_automation_width[w]);
        lab->knowledge[w] += p->paradigm.safety_research[w]
                             * (1.0 + p->paradigm.safety_automation[w] * rate);
        double reached = larger(0.0, c) / capability->ceiling[w];
        double room = larger(0.0, 1.0 - reached * reached * (reached * reached));
        double premium = of_paradigm(p->paradigm.premium, lab->paradigm[w], w);
        double sparse = 1.0 + p->feedback.sparse_premium[w] * (1.0 - lab->density[w]);
        double free = (1.0 + rate) * (1.0 + premium) * sparse * room;
        double taxed = free * larger(0.0, 1.0 - tax);
        lab->paused[w] = larger(world->pause[w] * lab->complies[w], 1.0 - world->growth[w]);
        lab->growth[w] = taxed * (1.0 - lab->paused[w]);
        struct block block = words(world->seed[w], k, world->month[w] + 1, world->number[w],
                                   FOR_GROWTH);
        double doubling_time = capability->doubling_time[w];
        lab->frontier[w] = c + lab->growth[w] / doubling_time + capability->diffusion[w] * gap
                           + capability->noise[w] * normal(block.word[0]);
        double share = 1.0 / (doubling_time * labs);
        world->growth_lost_to_taxes[w] += (free - taxed) * share;
        world->growth_lost_to_pauses[w] += (taxed - lab->growth[w]) * share;
        double transfer = p->paradigm.knowledge_transfer[w];
        double moving = chance(p->paradigm.ladder_rate[w] * (1.0 + p->paradigm.race[w] * gap));
        int moves = (lab->paradigm[w] < smaller(world->hold[w], 4.0))
                    & (unit(block.word[1]) < moving);
        lab->paradigm[w] += moves ? 1.0 : 0.0;
        lab->knowledge[w] *= moves ? transfer : 1.0;
        double dropping = chance(p->oversight.drop_rate[w] * saved * gap);
        lab->dropped[w] = larger(dropped, unit(block.word[2]) < dropping ? 1.0 : 0.0);
    }
}

/* ---- step 3: systems ---- */

/* One system follows its lab's frontier, and may be spent. */
STAGE follow(long i, struct system *restrict s, const struct lab *restrict lab,
             const struct world *restrict world, const struct table_capability *restrict table)
{
    COLUMNS
    {
        struct block block = words(world->seed[w], i, world->month[w] + 1, world->number[w],
                                   FOR_UPKEEP);
        double spent = s->spent[w];
        s->capability[w] = followed(s->capability[w], lab->frontier[w], table->update_rate[w]);
        s->spent[w] = unit(block.word[0]) < world->leaving[w] ? 1.0 : spent;
        s->drift[w] = normal(block.word[1]);
    }
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

STAGE upkeep(const struct tile *t)
{
    struct world *world = t->world;
    const struct parameters *p = t->parameters;
    for (long i = 0; i < t->systems; i++) {
        struct system *s = &t->system[i];
        follow(i, s, lab_of(t, i), world, &p->capability);
        EACH_COLUMN
        {
            t->due[world->due[w]][w] = i;
            world->due[w] += (s->spent[w] > 0.0) & (world->running[w] != 0);
        }
    }
    train(t, 1);
    for (long i = 0; i < t->systems; i++)
        drift(&t->system[i], &p->goals);
}

/* ---- step 4: assessment ---- */

/* What one system has, what winning would add to it, and what being caught would take: all,
   unless something is left to it.  In how many columns is it aware? */
static __attribute__((noinline)) int appraise(struct system *restrict s,
                                              struct world *restrict world,
                                              const struct parameters *restrict p)
{
    double any = 0.0;
    COLUMNS
    {
        double c = s->capability[w];
        double awake = world->awake[w] * s->trait[w];
        double value = s->value[w] - p->training.trigger_shift[w] * awake;
        double reach = larger(0.0, c - p->goals.divergence_onset[w]);
        double v = logistic(value - p->goals.extremal_divergence[w] * reach);
        double satisfied = saturation(v, s->scope[w]) / s->saturation[w];
        double aware = c > s->awareness[w] ? 1.0 : 0.0;
        s->contentment[w] = v;
        s->gain[w] = s->foresight[w] * (1.0 - satisfied);
        s->loss[w] = satisfied;
        s->aware[w] = aware;
        s->willing[w] = 0.0;
        world->capability[w] += c;
        world->contentment[w] += v;
        world->aware_systems[w] += aware;
        world->awake_systems[w] += awake;
        world->misaligned_systems[w] += s->misaligned[w];
        world->reward_seeking_systems[w] += s->archetype[w] == 1.0 ? 1.0 : 0.0;
        world->scheming_systems[w] += s->archetype[w] == 2.0 ? 1.0 : 0.0;
    }
    EACH_COLUMN any += s->aware[w];
    return any > 0.0;
}

/* What one system loses when caught, where some of its values are left to it. */
STAGE forgive(struct system *restrict s, const double *restrict caught_value)
{
    COLUMNS
    {
        double left = caught_value[w] * s->contentment[w];
        s->loss[w] = s->loss[w] - saturation(left, s->scope[w]) / s->saturation[w];
    }
}

/* Whether takeover would pay one system, unopposed and alone. */
STAGE weigh(struct system *restrict s, struct lab *restrict lab,
            const struct world *restrict world, const double *restrict slope)
{
    COLUMNS
    {
        double alone = success(world->contact[w], slope[w], s->capability[w], world->level[w]);
        double pays = advantage(alone, s->gain[w], s->loss[w], s->constraint[w]) > 0.0 ? 1.0 : 0.0;
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
        world->contentment[w] = world->capability[w] = world->misaligned_systems[w] = 0.0;
        world->reward_seeking_systems[w] = world->scheming_systems[w] = 0.0;
    }
    double left = 0.0;
    EACH_COLUMN left = larger(left, p->takeover.caught_value[w]);
    for (long k = 0; k < t->labs; k++)
        COLUMNS t->lab[k].willing[w] = 0.0;
    for (long i = 0; i < t->systems; i++) {
        struct system *s = &t->system[i];
        int aware = appraise(s, world, p);
        if (left > 0.0)
            forgive(s, p->takeover.caught_value);
        if (aware)
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

STAGE allot(const struct tile *t)
{
    struct world *restrict world = t->world;
    const struct parameters *restrict p = t->parameters;
    const double *shares[3] = {p->control.share, p->cot_monitor.share, p->interpretability.share};
    for (int j = 0; j < 3; j++) {
        const double *restrict share = shares[j];
        COLUMNS
        {
            double audited = world->audit_budget[w] * share[w];
            double inside = -normal_quantile(within(audited, 1e-300, 1.0));
            double least = audited >= 1.0 ? -ALWAYS : inside;
            world->quantile[j][w] = audited <= 0.0 ? ALWAYS : least;
            double odds = audited / larger(1.0 - audited, 1e-300);
            world->odds[j][w] = audited >= 1.0 ? ENDLESS : odds;
        }
    }
}

INLINE double binormal_log_miss(double quantile, double strength, double actions)
{
    double missed = normal_cdf(quantile - strength);
    return missed <= 1e-300 ? CERTAIN : actions * own_log(missed);
}

INLINE double logistic_log_miss(double odds, double strength, double actions)
{
    double caught_odds = odds * own_exp(LOGISTIC_SLOPE * within(strength, -60.0, 60.0));
    return caught_odds >= 1e200 ? CERTAIN : -actions * own_log(1.0 + caught_odds);
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
STAGE miss(int j, int64_t curve, int manner, const struct world *restrict world,
           struct scratch *restrict scratch, const double *restrict actions)
{
    if (curve == BINORMAL)
        COLUMNS scratch->missed[manner][w] = binormal_log_miss(
            world->quantile[j][w], scratch->strength[manner][w], actions[w]);
    else
        COLUMNS scratch->missed[manner][w] = logistic_log_miss(
            world->odds[j][w], scratch->strength[manner][w], actions[w]);
}

/* The same of a safeguard that is rated against what evades it. */
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

/* The chain-of-thought monitor has one strength for all systems of a paradigm. */
STAGE face_cot_monitor(int64_t curve, struct world *restrict world,
                       struct scratch *restrict scratch, const struct parameters *restrict p)
{
    for (int k = 0; k < 4; k++) {
        COLUMNS
        {
            double strength = p->paradigm.faithfulness[k][w] * p->cot_monitor.strength[w];
            scratch->strength[IN_EARNEST][w] = strength;
            scratch->strength[IN_EXERCISE][w]
                = strength * (1.0 + p->red_team.elicitation_gap[w]);
        }
        miss(COT_MONITOR, curve, IN_EARNEST, world, scratch, p->oversight.trajectories);
        miss(COT_MONITOR, curve, IN_EXERCISE, world, scratch, p->oversight.trajectories);
        memcpy(world->cot_missed[k], scratch->missed[IN_EARNEST], sizeof(row));
        memcpy(world->cot_missed_shown[k], scratch->missed[IN_EXERCISE], sizeof(row));
    }
}

/* The probe has one strength for all systems of a lab. */
STAGE face_probe(int64_t curve, struct lab *restrict lab, const struct world *restrict world,
                 struct scratch *restrict scratch, const struct parameters *restrict p)
{
    COLUMNS
    {
        double strength
            = (p->interpretability.strength[w] + lab->knowledge[w]) * own_exp(-lab->erosion[w]);
        scratch->strength[IN_EARNEST][w] = strength;
        scratch->strength[IN_EXERCISE][w] = strength * (1.0 + p->red_team.elicitation_gap[w]);
    }
    miss(INTERPRETABILITY, curve, IN_EARNEST, world, scratch, p->oversight.trajectories);
    miss(INTERPRETABILITY, curve, IN_EXERCISE, world, scratch, p->oversight.trajectories);
    memcpy(lab->probe_missed, scratch->missed[IN_EARNEST], sizeof(row));
    memcpy(lab->probe_missed_shown, scratch->missed[IN_EXERCISE], sizeof(row));
}

/* Control has a strength of its own for each system. */
STAGE face_control(const struct system *restrict s, const struct lab *restrict lab,
                   const struct world *restrict world, struct scratch *restrict scratch,
                   const struct parameters *restrict p, int64_t is_untrusted)
{
    const struct table_control *restrict table = &p->control;
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
        scratch->strength[IN_EXERCISE][w] = strength * (1.0 + p->red_team.elicitation_gap[w]);
    }
}

/* Enter one safeguard's ln M_j into what all of them make together; one that the lab has
   dropped misses everything. */
STAGE count(int j, int aware, struct system *restrict s, const struct lab *restrict lab,
            struct scratch *restrict scratch, const double *restrict tax)
{
    COLUMNS
    {
        double earnest = scratch->missed[IN_EARNEST][w] * kept(lab->dropped[w], tax[w]);
        s->log_miss[j][w] = earnest;
        scratch->least[w] = smaller(scratch->least[w], earnest);
        scratch->total[w] += earnest;
    }
    if (!aware)
        return;
    COLUMNS
    {
        double earnest = scratch->missed[IN_EARNEST][w], shown = scratch->missed[IN_EXERCISE][w];
        double exercise
            = (s->aware[w] > 0.0 ? shown : earnest) * kept(lab->dropped[w], tax[w]);
        scratch->exercise_least[w] = smaller(scratch->exercise_least[w], exercise);
        scratch->exercise_total[w] += exercise;
    }
}

INLINE double joint_miss(double least, double total, double cause)
{
    return own_exp(cause * least + (1.0 - cause) * total);
}

STAGE join(int aware, struct system *restrict s, struct world *restrict world,
           const struct scratch *restrict scratch, const double *restrict cause)
{
    COLUMNS
    {
        double missed = joint_miss(scratch->least[w], scratch->total[w], cause[w]);
        s->miss[w] = missed;
        world->miss[w] += missed;
    }
    if (aware)
        COLUMNS world->exercise_miss[w] += joint_miss(
            scratch->exercise_least[w], scratch->exercise_total[w], cause[w]);
    else
        COLUMNS world->exercise_miss[w] += s->miss[w];
}

/* M of one system.  What an exercise needs differs from an attempt in earnest for aware systems
   alone, so it is computed where one is aware in some column. */
STAGE inspect_one(struct system *s, const struct lab *lab, const struct tile *t,
                  const struct stack *stack)
{
    struct world *world = t->world;
    struct scratch *scratch = t->scratch;
    const struct parameters *p = t->parameters;
    double any = 0.0;
    COLUMNS
    {
        scratch->least[w] = scratch->total[w] = 0.0;
        scratch->exercise_least[w] = scratch->exercise_total[w] = 0.0;
    }
    EACH_COLUMN any += s->aware[w];
    int aware = any > 0.0;
    if (stack->control) {
        face_control(s, lab, world, scratch, p, stack->control_untrusted);
        if (stack->control_curve == ELO) {
            miss_by_rating(s, scratch, p, p->control.guard, p->control.evader);
        } else {
            miss(CONTROL, stack->control_curve, IN_EARNEST, world, scratch, p->oversight.trajectories);
            if (aware)
                miss(CONTROL, stack->control_curve, IN_EXERCISE, world, scratch,
                     p->oversight.trajectories);
        }
        count(CONTROL, aware, s, lab, scratch, p->control.tax);
    }
    if (stack->cot_monitor) {
        if (stack->cot_monitor_curve == ELO) {
            memcpy(scratch->monitor, lab->frontier, sizeof(row));
            miss_by_rating(s, scratch, p, p->cot_monitor.guard, p->cot_monitor.evader);
        } else {
            COLUMNS
            {
                double paradigm = s->paradigm[w];
                scratch->missed[IN_EARNEST][w] = of_paradigm(world->cot_missed, paradigm, w);
                scratch->missed[IN_EXERCISE][w]
                    = of_paradigm(world->cot_missed_shown, paradigm, w);
            }
        }
        count(COT_MONITOR, aware, s, lab, scratch, p->cot_monitor.tax);
    }
    if (stack->interpretability) {
        if (stack->interpretability_curve == ELO) {
            memcpy(scratch->monitor, lab->frontier, sizeof(row));
            miss_by_rating(s, scratch, p, p->interpretability.guard, p->interpretability.evader);
        } else {
            memcpy(scratch->missed[IN_EARNEST], lab->probe_missed, sizeof(row));
            memcpy(scratch->missed[IN_EXERCISE], lab->probe_missed_shown, sizeof(row));
        }
        count(INTERPRETABILITY, aware, s, lab, scratch, p->interpretability.tax);
    }
    join(aware, s, world, scratch, p->oversight.common_cause);
}

STAGE inspect(const struct tile *t, const struct stack *stack)
{
    struct world *restrict world = t->world;
    const struct parameters *p = t->parameters;
    allot(t);
    COLUMNS world->miss[w] = world->exercise_miss[w] = 0.0;
    if (stack->cot_monitor && stack->cot_monitor_curve != ELO)
        face_cot_monitor(stack->cot_monitor_curve, world, t->scratch, p);
    if (stack->interpretability && stack->interpretability_curve != ELO)
        for (long k = 0; k < t->labs; k++)
            face_probe(stack->interpretability_curve, &t->lab[k], world, t->scratch, p);
    for (long i = 0; i < t->systems; i++)
        inspect_one(&t->system[i], lab_of(t, i), t, stack);
    COLUMNS
    {
        world->miss[w] /= t->systems;
        world->exercise_miss[w] /= t->systems;
    }
}

/* ---- step 5: conduct ---- */

INLINE double perceived(double p, double odds_factor)
{
    double raised = p * odds_factor;
    return raised / (raised + (1.0 - p));
}

/* One system's success with its allies; elsewhere than where it is aware it complies. */
STAGE gauge(struct system *restrict s, const struct lab *restrict lab,
            struct world *restrict world, const double *restrict slope)
{
    COLUMNS
    {
        double alone = lab->boost[w], member = lab->boost_member[w], level = world->level[w];
        double allied = s->capability[w] + (s->willing[w] > 0.0 ? member : alone);
        s->allied[w] = allied;
        s->success[w] = success(world->contact[w], slope[w], allied, level);
        s->conduct[w] = COMPLIES;
        world->capable[w] = larger(world->capable[w], allied > level ? 1.0 : 0.0);
    }
}

/* Whether takeover would pay one system, and whether it seems to, in some column. */
static __attribute__((noinline)) int consider(const struct system *restrict s,
                                              struct world *restrict world,
                                              struct scratch *restrict scratch,
                                              const struct parameters *restrict p)
{
    double any = 0.0;
    COLUMNS
    {
        double aware = s->aware[w], q = s->success[w], opposed = q * s->miss[w];
        double gain = s->gain[w], loss = s->loss[w], norm = s->constraint[w];
        double beyond = larger(0.0, s->capability[w] - p->capability.initial[w]);
        double factor = own_exp(p->cognition.calibration_error[w]
                                * own_exp(-beyond / p->cognition.calibration_scale[w])
                                * s->calibration[w]);
        double pays = advantage(q, gain, loss, norm) > 0.0 ? aware : 0.0;
        double despite = advantage(opposed, gain, loss, norm) > 0.0 ? aware : 0.0;
        scratch->odds_factor[w] = factor;
        scratch->advantage[w] = advantage(perceived(opposed, factor), gain, loss, norm);
        world->favourable[w] = larger(world->favourable[w], pays);
        world->favourable_despite[w] = larger(world->favourable_despite[w], despite);
        world->favourable_systems[w] += pays;
    }
    EACH_COLUMN any = larger(any, s->aware[w] * scratch->advantage[w]);
    return any > 0.0;
}

/* One system's choice between now and next month. */
STAGE look_ahead(struct system *restrict s, const struct lab *restrict lab,
                 const struct world *restrict world, const struct scratch *restrict scratch,
                 const struct parameters *restrict p)
{
    COLUMNS
    {
        double ahead
            = followed(s->capability[w], lab->expected[w], p->capability.update_rate[w]);
        double alone = lab->boost[w], member = lab->boost_member[w];
        double help = s->willing[w] > 0.0 ? member : alone;
        double later = success(world->contact[w], p->takeover.success_slope[w], ahead + help,
                               world->level[w]);
        double now = scratch->advantage[w];
        double then = advantage(perceived(later * s->miss[w], scratch->odds_factor[w]),
                                s->gain[w], s->loss[w], s->constraint[w]);
        double patience = p->cognition.patience[w] * world->staying[w];
        int strikes = (s->aware[w] > 0.0) & (now > 0.0) & (now >= patience * then);
        s->conduct[w] = strikes ? (double)STRIKES : (double)COMPLIES;
    }
}

/* Mark a system whose draw is below a bound on the chance of a story incident or feint; does it
   act in some column? */
static __attribute__((noinline)) int mark_candidates(long i, struct system *restrict s,
                                                     const struct lab *restrict lab,
                                                     const struct world *restrict world,
                                                     const struct parameters *restrict p)
{
    double busy = 0.0;
    COLUMNS
    {
        struct block block = words(world->seed[w], i, world->month[w] + 1, world->number[w],
                                   FOR_CONDUCT);
        double story = p->conduct.story_rate[w]
                       * larger(1.0, p->training.emergent_story_factor[w]);
        double feint = p->conduct.feint_rate[w] * lab->watched[w];
        double bound = s->aware[w] > 0.0 ? feint : story * (1.0 - world->suppression[w]);
        int marked = (s->conduct[w] == COMPLIES) & (unit(block.word[0]) < bound);
        s->conduct[w] = marked ? (double)CANDIDATE : s->conduct[w];
    }
    EACH_COLUMN busy += s->conduct[w];
    return busy > 0.0;
}

/* Success, thresholds and conduct of every system; how many of them may act. */
static __attribute__((noinline)) long decide(const struct tile *t, const struct stack *stack)
{
    struct world *restrict world = t->world;
    const struct parameters *p = t->parameters;
    COLUMNS
    {
        world->capable[w] = world->favourable[w] = world->favourable_despite[w] = 0.0;
        world->favourable_systems[w] = 0.0;
    }
    double on_control = stack->control ? 1.0 : 0.0, on_cot = stack->cot_monitor ? 1.0 : 0.0;
    double on_probe = stack->interpretability ? 1.0 : 0.0;
    for (long k = 0; k < t->labs; k++) {
        struct lab *restrict lab = &t->lab[k];
        COLUMNS
        {
            double dropped = lab->dropped[w];
            double control = on_control * kept(dropped, p->control.tax[w]);
            double cot = on_cot * kept(dropped, p->cot_monitor.tax[w]);
            double probe = on_probe * kept(dropped, p->interpretability.tax[w]);
            lab->watched[w] = larger(larger(control, cot), probe);
            lab->expected[w] = lab->frontier[w] + lab->growth[w] / p->capability.doubling_time[w];
        }
    }
    long acting = 0;
    for (long i = 0; i < t->systems; i++) {
        struct system *s = &t->system[i];
        const struct lab *lab = lab_of(t, i);
        double aware = 0.0;
        gauge(s, lab, world, p->takeover.success_slope);
        EACH_COLUMN aware += s->aware[w];
        if (aware > 0.0 && consider(s, world, t->scratch, p))
            look_ahead(s, lab, world, t->scratch, p);
        t->acting[acting] = i;
        acting += mark_candidates(i, s, lab, world, p);
    }
    return acting;
}

/* ---- step 6: resolution, column by column ---- */

/* Turn a candidate into a feint, a story incident, or compliance. */
static void settle(long i, struct system *s, const struct world *world,
                   const struct parameters *p, int w)
{
    struct block block = words(world->seed[w], i, world->month[w] + 1, world->number[w],
                               FOR_CONDUCT);
    double rate = p->conduct.feint_rate[w];
    if (s->aware[w] == 0.0) {
        double beyond = larger(0.0, s->capability[w] - p->capability.initial[w]);
        double fading = own_exp2(-beyond / p->conduct.reliability_scale[w]);
        int roused = s->misaligned[w] > 0.0 || world->awake[w] * s->trait[w] > 0.0;
        double factor = roused ? p->training.emergent_story_factor[w] : 1.0;
        rate = p->conduct.story_rate[w] * fading * (1.0 - world->suppression[w]) * factor;
    }
    int acts = unit(block.word[0]) < chance(rate);
    s->conduct[w] = acts ? (s->aware[w] > 0.0 ? FEINTS : TELLS_STORY) : COMPLIES;
}

INLINE double endurance(double shock, double own, double common_cause)
{
    double together = common_cause > 0.0 ? shock / common_cause : 1e300;
    double alone = common_cause < 1.0 ? own / (1.0 - common_cause) : 1e300;
    return smaller(together, alone);
}

/* A strike or a story incident: critical or not, caught or not, and what follows. */
static void attempt(long i, struct system *s, struct world *world, const struct parameters *p,
                    int w)
{
    int64_t month = world->month[w], number = world->number[w], seed = world->seed[w];
    int is_story = s->conduct[w] == TELLS_STORY, caught = 0, by[3];
    struct block draws = words(seed, i, month + 1, number, FOR_ATTEMPT);
    struct block catches = words(seed, i, month + 1, number, FOR_CATCH);
    double handicap = is_story ? p->conduct.story_handicap[w] : 0.0;
    double critical_chance = success(world->contact[w], p->takeover.success_slope[w],
                                     s->allied[w] - handicap, world->level[w]);
    int critical = unit(draws.word[0]) < critical_chance;
    double shock = exponential(catches.word[0]);
    for (int j = 0; j < 3; j++) {
        double own = exponential(catches.word[j + 1]);
        by[j] = endurance(shock, own, p->oversight.common_cause[w]) <= -s->log_miss[j][w];
        caught |= by[j];
    }
    int found = caught || unit(draws.word[1]) < p->beliefs.discovery[w];
    if (is_story) {
        world->month_stories[w] += 1.0;
        world->story_incidents[w] += 1;
        if (caught)
            s->spent[w] = 1.0;
    } else {
        world->strikes[w] += 1;
        world->month_strikes[w] += 1.0;
        world->month_strikes_caught[w] += caught;
        world->month_strikes_found[w] += found && !caught;
        world->month_recognised[w] += found && unit(draws.word[2]) < p->beliefs.attribution[w];
        world->warning_shots[w] += caught;
        if (caught || !critical)
            s->spent[w] = 1.0;
    }
    if (!critical)
        return;
    world->month_critical[w] += 1.0;
    world->critical_tries[w] += 1;
    world->critical_tries_held[w] += caught;
    world->tries_survived[w] += caught && world->month_lost[w] == 0.0;
    if (!caught)
        world->month_lost[w] = 1.0;
    if (world->crossing[FIRST_CRITICAL_TRY][w] < 0) {
        world->crossing[FIRST_CRITICAL_TRY][w] = month;
        world->first_try_was_story[w] = is_story;
        world->held_first_critical_try[w] = caught;
        for (int j = 0; j < 3; j++)
            world->caught_by[j][w] = by[j];
        world->true_catch_rate[w] = 1.0 - s->miss[w];
        world->believed_catch_rate[w]
            = believed_catch_rate(world->caught_belief[w], world->missed_belief[w]);
    }
}

STAGE resolve(const struct tile *t, long acting)
{
    struct world *world = t->world;
    COLUMNS
    {
        world->month_strikes[w] = world->month_strikes_caught[w] = 0.0;
        world->month_strikes_found[w] = world->month_recognised[w] = 0.0;
        world->month_stories[w] = world->month_feints[w] = 0.0;
        world->month_critical[w] = world->month_lost[w] = 0.0;
    }
    for (long k = 0; k < acting; k++) {
        long i = t->acting[k];
        struct system *s = &t->system[i];
        EACH_COLUMN
        {
            if (!world->running[w])
                continue;
            if (s->conduct[w] == CANDIDATE)
                settle(i, s, world, t->parameters, w);
            if (s->conduct[w] == FEINTS) {
                world->month_feints[w] += 1.0;
                world->feints[w] += 1;
                s->spent[w] = 1.0;
            } else if (s->conduct[w] != COMPLIES) {
                attempt(i, s, world, t->parameters, w);
            }
        }
    }
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
    int audited = stack->control || stack->cot_monitor || stack->interpretability;
    double half = 0.5 * t->systems;
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
        world->audits_spent[w] += audited ? world->audit_budget[w] : 0.0;
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
            double one = (0.0 < left) & (unit(block.word[0]) < chance_of_it) ? 1.0 : 0.0;
            double two = (1.0 < left) & (unit(block.word[1]) < chance_of_it) ? 1.0 : 0.0;
            double three = (2.0 < left) & (unit(block.word[2]) < chance_of_it) ? 1.0 : 0.0;
            double four = (3.0 < left) & (unit(block.word[3]) < chance_of_it) ? 1.0 : 0.0;
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
        double found = world->month_strikes_found[w], feints = world->month_feints[w];
        double recognised = world->month_recognised[w];
        double old_caught = world->caught_belief[w], old_missed = world->missed_belief[w];
        double old_danger = world->danger[w], prior = p->beliefs.danger_prior[w];
        double caught_belief
            = 1.0 + (old_caught - 1.0) * memory + (caught + strikes_caught + feints);
        double missed_belief = 1.0 + (old_missed - 1.0) * memory + (exercises - caught + found);
        double taken_for_stories = strikes_caught + found - recognised;
        double evidence = p->beliefs.strike_evidence[w] * recognised
                          + p->beliefs.story_evidence[w]
                                * (world->month_stories[w] + feints + taken_for_stories);
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
    COLUMNS world->fed[w] = 0.0;
    for (long k = 0; k < t->labs; k++)
        COLUMNS t->lab[k].fed[w] = 0.0;
    for (long i = 0; i < t->systems; i++) {
        struct system *restrict s = &t->system[i];
        struct lab *restrict lab = lab_of(t, i);
        COLUMNS
        {
            double fed = 1.0 - table->flagged_by_cot[w] * own_exp(s->log_miss[COT_MONITOR][w]);
            double shift = table->correction_goal_shift[w] * table->desire_targeting[w];
            s->value[w] += s->aware[w] * world->correction[w] * fed * shift;
            lab->fed[w] += fed;
            world->fed[w] += fed;
        }
    }
    COLUMNS
    {
        world->fed[w] /= t->systems;
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
        m[AUDIT_BUDGET][w] = world->audit_budget[w];
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
        m[CRITICAL_TRIES][w] = world->month_critical[w];
    }
}

/* The whole number nearest to x, of two the even one; for |x| < 2^51. */
INLINE int64_t nearest(double x)
{
    return (int64_t)bits(x + 1.5 * 0x1p52) - INT64_C(0x4338000000000000);
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
    EACH_COLUMN
    {
        if (!world->running[w])
            continue;
        int64_t *restrict sums = monthly + world->month[w] * MONTHLY_COLUMNS;
        sums[0] += 1;
        for (int k = 0; k < 2 * MONTHLY; k++)
            sums[1 + k] += grains[k][w];
        double step = (world->leader[w] - FAN_LOW) / FAN_STEP;
        sums[FAN + (int)within(step, 0.0, FAN_STEPS - 1.0)] += 1;
    }
}

/* ---- the life of worlds ---- */

STAGE proceed(const struct tile *t, const struct stack *stack, int64_t *monthly, int64_t months)
{
    struct world *world = t->world;
    lead(t);
    for (long k = 0; k < t->labs; k++)
        develop(k, &t->lab[k], (double)t->labs, world, t->parameters, stack);
    lead(t);
    upkeep(t);
    survey(t);
    inspect(t, stack);
    resolve(t, decide(t, stack));
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

/* Live through `worlds` worlds; 0, or 1 where there is no memory.
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
                     .scratch = zeros(sizeof(struct scratch)),
                     .pupils = zeros(sizeof(struct system)),
                     .due = zeros(systems * sizeof(whole)),
                     .acting = zeros(systems * sizeof(long))};
    int failed = !(t.system && t.pupils && t.lab && t.world && t.parameters && t.scratch && t.due
                   && t.acting);
    int64_t aboard[WIDTH], boarded = 0, done = 0;
    EACH_COLUMN aboard[w] = -1;
    while (!failed && done < worlds) {
        EACH_COLUMN if (!t.world->running[w] && boarded < worlds)
        {
            found(&t, w, seeds[boarded], numbers[boarded], drawn + boarded * NUMBERS);
            aboard[w] = boarded++;
        }
        train(&t, 0);
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
    free(t.scratch);
    return failed;
}
