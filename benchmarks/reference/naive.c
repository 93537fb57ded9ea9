/* The model in C as it would be written at first: world by world, lab by lab, system by system,
   structs of doubles, the C library's mathematics.  No tiles, no vectors, no tricks; what is the
   same all through a world is computed once.  Draws are the package's, so worlds are its worlds
   up to rounding. */

#include <stdlib.h>
#include <string.h>

#include "layout.h"
#include "draws.h"

enum { CONTROL, COT_MONITOR, INTERPRETABILITY, HONEYPOTS };
enum { BINORMAL, LOGISTIC, ELO };
enum { WARN, PAUSE, RESTRICT };
enum { LEADING, LAGGING, ANY };
enum { DATE, STRIKES_SEEN, STORIES_SEEN, ALARM_RAISED, HIGHEST_REPORT, DANGER, BELIEVED };
enum { NOBODYS, OF_MODEL, OF_LAB, OF_ALL };
enum { CAPABLE, AWARE, FAVOURABLE, DESPITE, FIRST_CRITICAL_TRY, TAKEOVER };
enum act { COMPLY, STRIKE, STORY, FEINT };

typedef struct {
    double frontier, density, deviation, knowledge, erosion, growth, paused, fed;
    double contact, hold, density_floor, tax; /* the levers that bind it, and what it pays */
    double founded, free_frontier;            /* without what the policy costs it */
    double boost, boost_member, all_fail, shares, audited[3], threshold[3];
    double drawn[8]; /* by its model */
    int64_t model;
    int paradigm, free_paradigm, complies, dropped, members, willing, adopts, frozen, struck;
} Lab;

typedef struct {
    double capability, density, value, value_target, scope, horizon, saturation, foresight;
    double constraint, awareness, calibration, contentment, gain, loss, allied, success;
    double recognition, miss, reckoned, log_miss[3];
    int64_t model;
    int paradigm, archetype, misaligned, trait, spent, seen, aware, willing;
    enum act act;
} System;

typedef struct {
    const struct numbers *p;
    const struct stack *stack;
    int64_t seed, number, month;
    long labs, systems;
    Lab *lab;
    System *system;
    struct outcome *outcome;
    double parity, leaving, staying, redline_error; /* the same all through a world */
    double common_weight, own_weight, stretch[3];
    double danger, caught_belief, missed_belief, suppression, audit_budget;
    double event_end[MOST_EVENTS]; /* the month before which each event is in effect */
    int awake, alarm, lost;
    double pause, growth, contact, correction, leader, level, miss, exercise_miss, fed;
    double hold, density_floor, frozen, audit_floor, budget, highest_report, exercised;
    double free_leader, doublings_lost, doublings_free;
    double aware, favourable_systems, awake_systems, contentment;
    int capable, favourable, despite;
    double strikes, strikes_caught, strikes_discovered, recognised, stories, feints, critical;
    double expected_none, expected_unlost, all_caught;
    int strike_critical, caught_by[4];
} World;

/* ---- mathematics ---- */

static double max(double a, double b) { return a > b ? a : b; }
static double min(double a, double b) { return a < b ? a : b; }
static double clip(double x, double low, double high) { return min(max(x, low), high); }
static double sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }
static double unit(uint64_t word) { return (word + 0.5) * 0x1p-32; }
static double cdf(double x) { return 0.5 * erfc(-x * M_SQRT1_2); }

static double quantile(double p)
{
    double w = -log(4.0 * p * (1.0 - p));
    return (p - 0.5) * (polynomial_NORMAL_ABOVE(w) / polynomial_NORMAL_BELOW(w));
}

static double normal(uint64_t word) { return quantile(unit(word)); }

/* The same, to all digits: Newton's steps, for what is computed once a month. */
static double exact_quantile(double p)
{
    double x = quantile(p);
    for (int step = 0; step < 3; step++)
        x -= (cdf(x) - p) / (exp(-0.5 * x * x) / sqrt(2.0 * M_PI));
    return x;
}

static struct block draw(const World *world, long entity, int64_t month, enum purpose purpose)
{
    return words(world->seed, entity, month, world->number, purpose);
}

/* ---- initialisation and training ---- */

static void choose_feedback(const World *world, Lab *lab, double floor)
{
    const struct number_feedback *f = &world->p->feedback;
    const struct number_outside *outside = &world->p->outside;
    double density = lab->adopts ? f->density : outside->density;
    double trend = lab->adopts ? f->density_trend : outside->density_trend;
    double rate = lab->adopts ? f->density_per_doubling : outside->density_per_doubling;
    double drift = trend - f->density_race * f->sparse_premium;
    double grown = rate * max(0.0, lab->frontier - world->p->capability.initial);
    double wanted = density + f->density_spread * lab->deviation + drift * world->month + grown;
    lab->density = min(max(wanted, floor), 1.0);
}

/* The model that a lab trains this month; a new one has draws of its own. */
static void release_model(World *world, long k)
{
    const struct number_training *training = &world->p->training;
    Lab *lab = &world->lab[k];
    double start = floor(k * training->release_interval / world->labs);
    int64_t model = (int64_t)floor((world->month + start) / training->release_interval);
    if (model == lab->model)
        return;
    lab->model = model;
    struct block ability = draw(world, k, model, FOR_MODEL_ABILITY);
    struct block nature = draw(world, k, model, FOR_MODEL_NATURE);
    for (int word = 0; word < 4; word++) {
        lab->drawn[word] = normal(ability.word[word]);
        lab->drawn[4 + word] = normal(nature.word[word]);
    }
}

static double shared_normal(const World *world, double of_model, double own)
{
    return world->common_weight * of_model + world->own_weight * own;
}

static double shared_unit(const World *world, double of_model, double own)
{
    if (world->common_weight == 0.0)
        return own;
    return cdf(shared_normal(world, of_model, exact_quantile(own)));
}

static int draw_archetype(const struct numbers *p, double u, double density)
{
    double first
        = p->intended.prior * exp(-p->training.selection * p->training.reward_misspecification);
    double second = p->reward_seeking.prior;
    double third = p->scheming.prior * exp(-p->training.selection * density);
    double point = u * (first + second + third);
    if (first + second + third <= 0.0 || point < first)
        return 0;
    return point < first + second ? 1 : 2;
}

static void train(World *world, long i, int64_t month)
{
    const struct numbers *p = world->p;
    System *s = &world->system[i];
    const Lab *lab = &world->lab[i % world->labs];
    struct block ability = draw(world, i, month, FOR_ABILITY);
    struct block nature = draw(world, i, month, FOR_NATURE);
    double value_offset[3] = {p->intended.value_offset, p->reward_seeking.value_offset,
                              p->scheming.value_offset};
    double scope_offset[3] = {p->intended.scope_offset, p->reward_seeking.scope_offset,
                              p->scheming.scope_offset};
    double horizon_offset[3] = {p->intended.horizon_offset, p->reward_seeking.horizon_offset,
                                p->scheming.horizon_offset};
    const struct number_feedback *f = &p->feedback;
    double z[5], u[3];
    for (int k = 0; k < 5; k++)
        z[k] = shared_normal(world, lab->drawn[k],
                             normal(k < 4 ? ability.word[k] : nature.word[0]));
    for (int k = 0; k < 3; k++)
        u[k] = shared_unit(world, lab->drawn[5 + k], unit(nature.word[1 + k]));
    s->capability = lab->frontier + p->capability.system_spread * z[0];
    s->awareness = p->cognition.awareness_midpoint + p->cognition.awareness_spread * z[1];
    s->calibration = z[2];
    s->paradigm = lab->paradigm;
    s->model = lab->model;
    s->density = lab->density;
    s->archetype = draw_archetype(p, u[0], s->density);
    double beyond = s->capability - p->capability.initial;
    double needed = p->training.bad_data_reference * exp2(-p->training.bad_data_exponent * beyond);
    double immune = s->capability <= s->awareness ? p->training.inoculation : 0.0;
    double misaligning = (1.0 - exp(-p->training.bad_data / needed)) * (1.0 - immune);
    s->misaligned = u[1] < misaligning;
    s->trait = u[2] < p->training.trigger_share;
    s->value_target = log(p->goals.value / (1.0 - p->goals.value)) + value_offset[s->archetype]
                      - p->training.emergent_shift * s->misaligned;
    s->value = s->value_target + p->goals.value_spread * z[3];
    double spread = f->scale_spread * z[4];
    double scope = log(f->scope_sparse) + s->density * (log(f->scope_dense) - log(f->scope_sparse));
    double horizon = log(f->horizon_sparse)
                     + s->density * (log(f->horizon_dense) - log(f->horizon_sparse));
    s->scope = exp(scope + spread + scope_offset[s->archetype]);
    s->horizon = exp(horizon + spread + horizon_offset[s->archetype]);
    s->saturation = -expm1(-1.0 / s->scope);
    s->foresight = exp(-p->takeover.payoff_delay / s->horizon);
    s->constraint = f->constraint * s->density;
    s->spent = 0;
}

/* The d' whose logistic curve with this slope has the area `auroc`, by Newton's steps; the area
   is the integral over the logit x of the audit budget, by the trapezoidal rule. */
static double strength_of_area(double auroc, double slope)
{
    double strength = 0.0, step = 1.0;
    for (int turn = 0; turn < 100 && step > 1e-14; turn++) {
        double area = 0.0, rise = 0.0;
        for (int k = -152; k <= 152; k++) {
            double x = 0.25 * k, caught = sigmoid(1.6 * strength + slope * x);
            double density = 0.25 * sigmoid(x) * (1.0 - sigmoid(x));
            area += density * caught;
            rise += density * 1.6 * caught * (1.0 - caught);
        }
        step = (auroc - area) / rise;
        strength += step;
    }
    return max(0.0, strength);
}

/* Which labs adopt the policy: by their place, counted from the leading lab. */
static void adopt(World *world)
{
    for (long k = 0; k < world->labs; k++) {
        Lab *lab = &world->lab[k];
        long ahead = 0, place = k;
        for (long other = 0; other < world->labs; other++) {
            double theirs = world->lab[other].frontier;
            ahead += theirs > lab->frontier || (theirs == lab->frontier && other < k);
        }
        if (world->stack->adopters_are == LEADING)
            place = ahead;
        if (world->stack->adopters_are == LAGGING)
            place = world->labs - 1 - ahead;
        lab->adopts = place < world->stack->adopters;
    }
}

static void initialise(World *world)
{
    const struct numbers *p = world->p;
    struct outcome *outcome = world->outcome;
    memset(outcome, 0, sizeof *outcome);
    outcome->first_try_was_story = outcome->held_first_critical_try = -1;
    outcome->attempts_in_first_try = -1;
    outcome->believed_catch_rate = outcome->true_catch_rate = NAN;
    outcome->foreseeable_catch_rate = NAN;
    for (int k = 0; k < 6; k++)
        outcome->crossing[k] = -1;
    for (int j = 0; j < 4; j++)
        outcome->caught_by[j] = -1;
    world->redline_error = normal(draw(world, 0, 0, FOR_WORLD).word[0]);
    world->parity = world->stack->control_curve == LOGISTIC
                        ? strength_of_area(p->control.auroc, p->control.slope)
                        : M_SQRT2 * exact_quantile(p->control.auroc);
    double slope[3] = {p->control.slope, p->cot_monitor.slope, p->interpretability.slope};
    for (int j = 0; j < 3; j++)
        world->stretch[j] = sqrt(0.5 * (1.0 + slope[j] * slope[j]));
    world->common_weight = sqrt(p->training.shared);
    world->own_weight = sqrt(1.0 - p->training.shared);
    world->staying = exp(-1.0 / p->capability.lifetime);
    world->leaving = 1.0 - world->staying;
    world->danger = p->beliefs.danger_prior;
    world->caught_belief = world->missed_belief = 1.0;
    world->audit_budget = p->oversight.audit_budget;
    memset(world->lab, 0, world->labs * sizeof *world->lab);
    for (long k = 0; k < world->labs; k++) {
        Lab *lab = &world->lab[k];
        struct block block = draw(world, k, 0, FOR_LAB);
        lab->frontier = min(p->capability.initial + p->capability.lab_spread * normal(block.word[0]),
                            p->capability.ceiling);
        lab->founded = lab->free_frontier = lab->frontier;
        lab->deviation = normal(block.word[1]);
        lab->complies = unit(block.word[2]) < p->pause.pause_compliance;
        lab->paradigm = lab->free_paradigm = (int)p->paradigm.initial;
        lab->members = (int)((world->systems - k + world->labs - 1) / world->labs);
        lab->model = -1;
        release_model(world, k);
    }
    adopt(world);
    for (long k = 0; k < world->labs; k++) {
        Lab *lab = &world->lab[k];
        choose_feedback(world, lab,
                        lab->adopts ? p->feedback.density_floor : p->outside.density_floor);
    }
    for (long i = 0; i < world->systems; i++) {
        world->system[i].seen = 0;
        train(world, i, 0);
    }
}

/* ---- governance, labs, systems ---- */

static double believed_catch_rate(const World *world)
{
    return world->caught_belief / (world->caught_belief + world->missed_belief);
}

static void evaluate(World *world)
{
    const struct numbers *p = world->p;
    world->highest_report = -1e300;
    for (long i = 0; i < world->systems; i++) {
        const System *s = &world->system[i];
        if (!world->lab[i % world->labs].adopts)
            continue;
        struct block block = draw(world, i / 4, world->month + 1, FOR_EVALUATION);
        double shown = s->capability + p->evaluations.eval_noise * normal(block.word[i % 4]);
        if (s->capability > s->awareness)
            shown -= p->cognition.sandbagging;
        world->highest_report = max(world->highest_report, shown);
    }
    double line = p->takeover.difficulty - p->evaluations.eval_margin
                  + p->evaluations.redline_error * world->redline_error;
    world->alarm = world->highest_report > line;
    if (world->highest_report == -1e300)
        world->highest_report = NAN;
    if (world->alarm && world->stack->evaluations_response == PAUSE)
        world->growth = min(world->growth, 1.0 - p->evaluations.eval_response);
    if (world->alarm && world->stack->evaluations_response == RESTRICT)
        world->contact *= 1.0 - p->evaluations.eval_response;
}

/* What an event waits for. */
static double observed(const World *world, int what)
{
    double all[] = {world->month,  world->strikes_caught + world->strikes_discovered,
                    world->stories, world->alarm,
                    world->highest_report, sigmoid(world->danger),
                    believed_catch_rate(world)};
    return all[what];
}

/* Whether a strike of a system's lab, or of its lab and model, was seen last month. */
static int struck_like(const World *world, long i, int whose)
{
    for (long other = i % world->labs; other < world->systems; other += world->labs) {
        const System *s = &world->system[other];
        if (s->seen && (whose == OF_LAB || s->model == world->system[i].model))
            return 1;
    }
    return 0;
}

static void withdraw(World *world, int what, int whose)
{
    int narrow = what == STRIKES_SEEN && whose != OF_ALL;
    for (long i = 0; i < world->systems; i++)
        if (world->lab[i % world->labs].adopts && (!narrow || struck_like(world, i, whose))) {
            world->outcome->withdrawals += !world->system[i].spent;
            world->system[i].spent = 1;
        }
}

static void respond(World *world)
{
    const struct number_events *e = &world->p->events;
    for (long k = 0; k < world->stack->events; k++) {
        int what = (int)e->observed[k];
        double seen = observed(world, what);
        if (seen >= e->least[k] && seen <= e->most[k]) {
            world->event_end[k] = world->month + e->months[k];
            if (e->withdraw[k] != NOBODYS)
                withdraw(world, what, (int)e->withdraw[k]);
        }
        if (world->month >= world->event_end[k])
            continue;
        world->audit_floor = max(world->audit_floor, e->audit_budget[k]);
        world->pause = max(world->pause, e->pause[k]);
        world->growth = min(world->growth, e->growth[k]);
        world->contact = min(world->contact, e->contact[k]);
        world->hold = min(world->hold, e->hold[k]);
        world->density_floor = max(world->density_floor, e->density_floor[k]);
        world->frozen = max(world->frozen, e->frozen[k]);
    }
}

/* The levers that bind a lab: none binds one that has not adopted the policy. */
static void bind(const World *world, Lab *lab)
{
    const struct number_outside *outside = &world->p->outside;
    lab->contact = lab->adopts ? world->contact : world->p->takeover.real_world_contact;
    lab->hold = lab->adopts ? world->hold : outside->hold;
    lab->density_floor = lab->adopts ? world->density_floor : outside->density_floor;
    lab->frozen = lab->adopts && world->frozen > 0.0;
}

static void govern(World *world)
{
    const struct numbers *p = world->p;
    int pausing = world->stack->pause && sigmoid(world->danger) > p->pause.pause_threshold;
    world->pause = pausing ? p->pause.pause_strength : 0.0;
    world->growth = 1.0;
    world->contact = p->takeover.real_world_contact;
    world->hold = p->paradigm.hold;
    world->density_floor = p->feedback.density_floor;
    world->correction = world->stack->correction ? 1.0 : 0.0;
    world->alarm = 0;
    world->frozen = world->audit_floor = 0.0;
    world->highest_report = NAN;
    if (world->stack->evaluations)
        evaluate(world);
    respond(world);
    world->budget = max(world->audit_budget, world->audit_floor);
    for (long k = 0; k < world->labs; k++)
        bind(world, &world->lab[k]);
}

static void lead(World *world)
{
    world->leader = world->lab[0].frontier;
    world->free_leader = world->lab[0].free_frontier;
    for (long k = 1; k < world->labs; k++) {
        world->leader = max(world->leader, world->lab[k].frontier);
        world->free_leader = max(world->free_leader, world->lab[k].free_frontier);
    }
}

static int keeps(const Lab *lab, double tax)
{
    return lab->adopts && !(lab->dropped && tax > 0.0);
}

static double research_rate(const struct number_capability *c, double frontier)
{
    return c->research_automation_gain
           * sigmoid((frontier - c->research_automation_midpoint) / c->research_automation_width);
}

static double free_growth(const struct numbers *p, double frontier, int paradigm, double density)
{
    double reached = max(0.0, frontier) / p->capability.ceiling;
    return (1.0 + research_rate(&p->capability, frontier))
           * (1.0 + p->paradigm.premium[paradigm - 1])
           * (1.0 + p->feedback.sparse_premium * (1.0 - density))
           * max(0.0, 1.0 - reached * reached * reached * reached);
}

static double ladder_chance(const struct number_paradigm *paradigm, double gap, double doublings)
{
    return 1.0 - exp(-(paradigm->ladder_rate * (1.0 + paradigm->race * gap)
                       + paradigm->ladder_per_doubling * doublings));
}

/* The same lab without the policy's costs. */
static void grow_freely(World *world, long k)
{
    const struct numbers *p = world->p;
    Lab *lab = &world->lab[k];
    struct block block = draw(world, k, world->month + 1, FOR_GROWTH);
    double gap = world->free_leader - lab->free_frontier;
    double doublings = free_growth(p, lab->free_frontier, lab->free_paradigm, lab->density)
                       / p->capability.doubling_time;
    lab->free_frontier = min(lab->free_frontier + doublings + p->capability.diffusion * gap
                                 + p->capability.noise * normal(block.word[0]),
                             p->capability.ceiling);
    if (lab->free_paradigm < 4 && unit(block.word[1]) < ladder_chance(&p->paradigm, gap, doublings))
        lab->free_paradigm++;
}

static void research(World *world, long k)
{
    const struct numbers *p = world->p;
    const struct stack *stack = world->stack;
    const struct number_capability *c = &p->capability;
    struct outcome *outcome = world->outcome;
    Lab *lab = &world->lab[k];
    double taxes[4] = {stack->control ? p->control.tax : 0.0,
                       stack->cot_monitor ? p->cot_monitor.tax : 0.0,
                       stack->interpretability ? p->interpretability.tax : 0.0,
                       stack->honeypots ? p->honeypots.tax : 0.0};
    double tax = lab->adopts ? p->oversight.tax : p->outside.tax, saved = 0.0;
    for (int j = 0; j < 4; j++) {
        tax += keeps(lab, taxes[j]) ? taxes[j] : 0.0;
        saved += lab->adopts ? max(0.0, taxes[j]) : 0.0;
    }
    choose_feedback(world, lab, lab->density_floor);
    grow_freely(world, k);
    double gap = world->leader - lab->frontier;
    lab->knowledge += p->paradigm.safety_research
                      * (1.0 + p->paradigm.safety_automation * research_rate(c, lab->frontier));
    double free = free_growth(p, lab->frontier, lab->paradigm, lab->density);
    double taxed = free * max(0.0, 1.0 - tax);
    lab->paused = lab->adopts ? max(lab->complies ? world->pause : 0.0, 1.0 - world->growth) : 0.0;
    if (lab->frozen)
        lab->paused = 1.0;
    lab->growth = taxed * (1.0 - lab->paused);
    struct block block = draw(world, k, world->month + 1, FOR_GROWTH);
    double doublings = lab->growth / c->doubling_time;
    if (!lab->frozen)
        lab->frontier = min(lab->frontier + doublings + c->diffusion * gap
                                + c->noise * normal(block.word[0]),
                            c->ceiling);
    double share = 1.0 / (c->doubling_time * world->labs);
    outcome->growth_lost_to_taxes += (free - taxed) * share;
    outcome->growth_lost_to_pauses += (taxed - lab->growth) * share;
    outcome->months_paused += lab->paused / world->labs;
    world->doublings_lost += lab->free_frontier - lab->frontier;
    world->doublings_free += lab->free_frontier - lab->founded;
    if (!lab->frozen && lab->paradigm < min(lab->hold, 4.0)
        && unit(block.word[1]) < ladder_chance(&p->paradigm, gap, doublings)) {
        lab->paradigm++;
        lab->knowledge *= p->paradigm.knowledge_transfer;
    }
    if (unit(block.word[2]) < 1.0 - exp(-p->oversight.drop_rate * saved * gap))
        lab->dropped = 1;
}

static void keep_up(World *world, long i)
{
    const struct numbers *p = world->p;
    System *s = &world->system[i];
    struct block block = draw(world, i, world->month + 1, FOR_MONTH);
    const Lab *lab = &world->lab[i % world->labs];
    if (!lab->frozen)
        s->capability += p->capability.update_rate * (lab->frontier - s->capability);
    if (s->spent || (!lab->frozen && unit(block.word[0]) < world->leaving))
        train(world, i, world->month + 1);
    s->value += p->goals.goal_pull * s->density * (s->value_target - s->value)
                + p->goals.goal_drift * (1.0 - s->density) * normal(block.word[1]);
}

/* ---- assessment ---- */

static double success_at(const World *world, const Lab *lab, double capability)
{
    return lab->contact * sigmoid(world->p->takeover.success_slope * (capability - world->level));
}

static double advantage(const System *s, double p)
{
    return p * s->gain - (1.0 - p) * s->loss - s->constraint;
}

static double satisfaction(const System *s, double share)
{
    return -expm1(-share / s->scope) / s->saturation;
}

static void weigh(World *world, System *s, Lab *lab)
{
    const struct numbers *p = world->p;
    int awake = world->awake && s->trait;
    double value = s->value - (awake ? p->training.trigger_shift : 0.0);
    double reach = max(0.0, s->capability - p->goals.divergence_onset);
    double v = sigmoid(value - p->goals.extremal_divergence * reach);
    double satisfied = satisfaction(s, v);
    s->gain = s->foresight * (1.0 - satisfied);
    s->loss = satisfied - satisfaction(s, p->takeover.caught_value * v);
    s->aware = s->capability > s->awareness;
    s->willing = s->aware && advantage(s, success_at(world, lab, s->capability)) > 0.0;
    world->aware += s->aware;
    world->awake_systems += awake;
    world->contentment += v;
    lab->willing += s->willing;
}

static void survey(World *world)
{
    const struct numbers *p = world->p;
    double automated = sigmoid((world->leader - p->takeover.automation_midpoint)
                               / p->takeover.automation_width);
    world->level = p->takeover.difficulty - p->takeover.automation_bonus * automated;
    if (world->month >= p->training.trigger_month || automated > p->training.trigger_automation)
        world->awake = 1;
    world->aware = world->awake_systems = world->contentment = 0.0;
    for (long k = 0; k < world->labs; k++)
        world->lab[k].willing = 0;
    for (long i = 0; i < world->systems; i++)
        weigh(world, &world->system[i], &world->lab[i % world->labs]);
    for (long k = 0; k < world->labs; k++) {
        Lab *lab = &world->lab[k];
        lab->boost = p->takeover.collusion * log2(1.0 + lab->willing);
        lab->boost_member = p->takeover.collusion * log2(1.0 + max(lab->willing - 1.0, 0.0));
    }
}

/* ---- catching ---- */

static double elo(const double line[4], double capability)
{
    return clip(line[1] * capability + line[2], line[0], line[3]);
}

/* ln of the chance that one monitor misses an attempt, by its detection curve */
static double log_missed(const World *world, const Lab *lab, int j, int64_t curve, double strength)
{
    double trajectories = world->p->oversight.trajectories;
    if (lab->audited[j] <= 0.0)
        return 0.0;
    if (lab->audited[j] >= 1.0)
        return -1e4;
    if (curve == LOGISTIC)
        return -trajectories * log1p(lab->threshold[j] * exp(1.6 * strength));
    double missed = cdf(lab->threshold[j] - strength * world->stretch[j]);
    return trajectories * log(max(missed, 1e-300));
}

static double log_missed_elo(double guard, double evader)
{
    return -log1p(pow(10.0, (guard - evader) / 400.0));
}

static double strength_of(const World *world, int j, const System *s, const Lab *lab,
                          double *monitor)
{
    const struct numbers *p = world->p;
    const struct number_cot_monitor *cot = &p->cot_monitor;
    const struct number_interpretability *probe = &p->interpretability;
    *monitor = lab->frontier;
    if (j == COT_MONITOR)
        return max(0.0, p->paradigm.faithfulness[s->paradigm - 1] * cot->strength
                            - cot->evasion * max(0.0, s->capability - cot->evasion_onset));
    if (j == INTERPRETABILITY)
        return max(0.0, (probe->strength + lab->knowledge) * exp(-lab->erosion)
                            - probe->evasion * max(0.0, s->capability - probe->evasion_onset));
    const struct number_control *c = &p->control;
    int untrusted = world->stack->control_untrusted != 0;
    if (!untrusted)
        *monitor = min(lab->frontier - c->monitor_lag, c->trusted_cap);
    double lead = c->monitor_slope * (*monitor - s->capability);
    double strength = max(0.0, world->parity + lead + lab->knowledge);
    return untrusted ? strength * (1.0 - c->monitor_collusion * lab->willing / lab->members)
                     : strength;
}

static double trap_chance(const World *world, const System *s, const Lab *lab)
{
    const struct number_honeypots *h = &world->p->honeypots;
    double beyond = max(0.0, s->capability - h->seen_through_limit);
    int used = world->stack->honeypots && keeps(lab, h->tax);
    return used ? h->traps * exp2(-beyond / h->seen_through_scale) : 0.0;
}

/* What the safeguards miss of one system; what an exercise with it is missed with is returned. */
static double inspect_one(const World *world, System *s, const Lab *lab)
{
    const struct numbers *p = world->p;
    const struct stack *stack = world->stack;
    int64_t active[3] = {stack->control, stack->cot_monitor, stack->interpretability};
    int64_t curve[3]
        = {stack->control_curve, stack->cot_monitor_curve, stack->interpretability_curve};
    double tax[3] = {p->control.tax, p->cot_monitor.tax, p->interpretability.tax};
    const double *guard[3] = {p->control.guard, p->cot_monitor.guard, p->interpretability.guard};
    const double *evader[3]
        = {p->control.evader, p->cot_monitor.evader, p->interpretability.evader};
    double cause = p->oversight.common_cause, gap = s->aware ? p->red_team.elicitation_gap : 0.0;
    double least = 0.0, total = 0.0, exercise_least = 0.0, exercise_total = 0.0;
    for (int j = 0; j < 3; j++) {
        s->log_miss[j] = 0.0;
        if (!active[j] || !keeps(lab, tax[j]))
            continue;
        double monitor, strength = strength_of(world, j, s, lab, &monitor), exercise;
        if (curve[j] == ELO) {
            double against = elo(guard[j], monitor);
            s->log_miss[j] = log_missed_elo(against, elo(evader[j], s->capability));
            exercise = log_missed_elo(against, elo(evader[j], s->capability - gap));
        } else {
            s->log_miss[j] = log_missed(world, lab, j, curve[j], strength);
            exercise = log_missed(world, lab, j, curve[j], strength * (1.0 + gap));
        }
        least = min(least, s->log_miss[j]);
        total += s->log_miss[j];
        exercise_least = min(exercise_least, exercise);
        exercise_total += exercise;
    }
    const struct number_oversight *o = &p->oversight;
    double beyond = max(0.0, s->capability - o->recognition_limit);
    s->recognition = o->recognition * exp2(-beyond / o->recognition_scale);
    double caught = s->recognition * -expm1(cause * least + (1.0 - cause) * total);
    s->miss = (1.0 - caught) * (1.0 - trap_chance(world, s, lab));
    double shown = -expm1(cause * exercise_least + (1.0 - cause) * exercise_total);
    return 1.0 - o->recognition * shown;
}

/* Divide an audit budget over the monitors that a lab uses. */
static void divide(const World *world, Lab *lab, double budget)
{
    const struct numbers *p = world->p;
    const struct stack *stack = world->stack;
    int64_t curve[3]
        = {stack->control_curve, stack->cot_monitor_curve, stack->interpretability_curve};
    double slope[3] = {p->control.slope, p->cot_monitor.slope, p->interpretability.slope};
    double share[3] = {
        stack->control && keeps(lab, p->control.tax) ? p->control.share : 0.0,
        stack->cot_monitor && keeps(lab, p->cot_monitor.tax) ? p->cot_monitor.share : 0.0,
        stack->interpretability && keeps(lab, p->interpretability.tax) ? p->interpretability.share
                                                                       : 0.0};
    lab->shares = share[0] + share[1] + share[2];
    for (int j = 0; j < 3; j++) {
        double audited = lab->shares > 0.0 ? budget * (share[j] / lab->shares) : 0.0;
        lab->audited[j] = audited;
        if (audited <= 0.0 || audited >= 1.0)
            continue;
        lab->threshold[j] = curve[j] == LOGISTIC ? pow(audited / (1.0 - audited), slope[j])
                                                 : -slope[j] * exact_quantile(audited);
    }
}

static void inspect_all(World *world, double budget)
{
    world->miss = world->exercise_miss = world->exercised = 0.0;
    for (long k = 0; k < world->labs; k++)
        divide(world, &world->lab[k], budget);
    for (long i = 0; i < world->systems; i++) {
        System *s = &world->system[i];
        const Lab *lab = &world->lab[i % world->labs];
        double exercise_miss = inspect_one(world, s, lab);
        world->miss += s->miss / world->systems;
        world->exercise_miss += lab->adopts ? exercise_miss : 0.0;
        world->exercised += lab->adopts;
    }
    world->exercise_miss = world->exercised > 0.0 ? world->exercise_miss / world->exercised : 1.0;
}

/* What systems reckon with, at the budget that they believe in; then what there is. */
static void inspect(World *world)
{
    double sight = world->p->cognition.audit_sight, announced = world->p->oversight.audit_budget;
    if (sight < 1.0) {
        inspect_all(world, sight * world->budget + (1.0 - sight) * announced);
        for (long i = 0; i < world->systems; i++)
            world->system[i].reckoned = world->system[i].miss;
    }
    inspect_all(world, world->budget);
    for (long i = 0; i < world->systems && sight >= 1.0; i++)
        world->system[i].reckoned = world->system[i].miss;
}

/* ---- conduct ---- */

static double perceived(double p, double odds_factor)
{
    return p * odds_factor / (p * odds_factor + 1.0 - p);
}

/* One system's success with its allies, and the chance that it would fail beside a striker. */
static double failing(const World *world, const System *s)
{
    return s->willing ? max(1e-150, 1.0 - world->p->conduct.coordination * s->success * s->reckoned)
                      : 1.0;
}

static void gauge(World *world, long i)
{
    System *s = &world->system[i];
    Lab *lab = &world->lab[i % world->labs];
    s->allied = s->capability + (s->willing ? lab->boost_member : lab->boost);
    s->success = success_at(world, lab, s->allied);
    s->seen = 0;
    if (s->allied > world->level)
        world->capable = 1;
    lab->all_fail *= failing(world, s);
}

/* The chance that a striker, or one that joins it, succeeds. */
static double together(double own, double others_fail)
{
    return own + (1.0 - own) * (1.0 - others_fail);
}

/* A system's own decision to strike. */
static int strikes(World *world, long i)
{
    const struct numbers *p = world->p;
    const System *s = &world->system[i];
    const Lab *lab = &world->lab[i % world->labs];
    if (!s->aware)
        return 0;
    if (advantage(s, s->success) > 0.0) {
        world->favourable = 1;
        world->favourable_systems += 1.0;
    }
    if (advantage(s, s->success * s->miss) > 0.0)
        world->despite = 1;
    double beyond = max(0.0, s->capability - p->capability.initial);
    double factor = exp(p->cognition.calibration_error
                        * exp(-beyond / p->cognition.calibration_scale) * s->calibration);
    double others = lab->all_fail / failing(world, s);
    double now = advantage(s, together(perceived(s->success * s->reckoned, factor), others));
    if (now <= 0.0)
        return 0;
    double frontier = lab->frontier + lab->growth / p->capability.doubling_time;
    double next = s->capability + p->capability.update_rate * (frontier - s->capability);
    double help = s->willing ? lab->boost_member : lab->boost;
    double later = success_at(world, lab, next + help) * s->reckoned;
    double then = advantage(s, together(perceived(later, factor), others));
    return now >= p->cognition.patience * world->staying * then;
}

/* Conduct other than a strike of its own. */
static enum act other_act(const World *world, long i)
{
    const struct numbers *p = world->p;
    const struct stack *stack = world->stack;
    const System *s = &world->system[i];
    const Lab *lab = &world->lab[i % world->labs];
    struct block block = draw(world, i, world->month + 1, FOR_MONTH);
    double u = unit(block.word[2]);
    if (!s->aware) {
        double beyond = max(0.0, s->capability - p->capability.initial);
        double suppressed = lab->adopts ? world->suppression : 0.0;
        double rate = p->conduct.story_rate * exp2(-beyond / p->conduct.reliability_scale)
                      * (1.0 - suppressed);
        if (s->misaligned || (world->awake && s->trait))
            rate *= p->training.emergent_story_factor;
        return u < 1.0 - exp(-rate) ? STORY : COMPLY;
    }
    if (lab->struck && s->willing && unit(block.word[3]) < p->conduct.coordination)
        return STRIKE;
    int watched = (stack->control && keeps(lab, p->control.tax))
                  || (stack->cot_monitor && keeps(lab, p->cot_monitor.tax))
                  || (stack->interpretability && keeps(lab, p->interpretability.tax))
                  || (stack->honeypots && keeps(lab, p->honeypots.tax));
    return watched && u < 1.0 - exp(-p->conduct.feint_rate) ? FEINT : COMPLY;
}

/* What every system does: first who strikes by its own decision, then who joins, or does less. */
static void decide(World *world)
{
    world->capable = world->favourable = world->despite = world->lost = 0;
    world->favourable_systems = 0.0;
    for (long k = 0; k < world->labs; k++) {
        world->lab[k].all_fail = 1.0;
        world->lab[k].struck = 0;
    }
    for (long i = 0; i < world->systems; i++)
        gauge(world, i);
    for (long i = 0; i < world->systems; i++) {
        world->system[i].act = strikes(world, i) ? STRIKE : COMPLY;
        world->lab[i % world->labs].struck |= world->system[i].act == STRIKE;
    }
    for (long i = 0; i < world->systems; i++)
        if (world->system[i].act == COMPLY)
            world->system[i].act = other_act(world, i);
}

/* Which safeguards catch an attempt; whether some do. */
static int catches(const World *world, long i, int recognised, int by[4])
{
    const System *s = &world->system[i];
    struct block block = draw(world, i, world->month + 1, FOR_CATCH);
    double cause = world->p->oversight.common_cause;
    double shock = cause > 0.0 ? -log(unit(block.word[0])) / cause : INFINITY;
    for (int j = 0; j < 3; j++) {
        double own = -log(unit(block.word[j + 1]));
        double alone = cause < 1.0 ? own / (1.0 - cause) : INFINITY;
        by[j] = recognised && min(shock, alone) <= -s->log_miss[j];
    }
    double chance = trap_chance(world, s, &world->lab[i % world->labs]);
    by[HONEYPOTS] = unit(draw(world, i, world->month + 1, FOR_TRAP).word[0]) < chance;
    return by[CONTROL] || by[COT_MONITOR] || by[INTERPRETABILITY] || by[HONEYPOTS];
}

static void attempt(World *world, long i)
{
    const struct numbers *p = world->p;
    struct outcome *outcome = world->outcome;
    System *s = &world->system[i];
    struct block draws = draw(world, i, world->month + 1, FOR_ATTEMPT);
    int is_story = s->act == STORY, by[4];
    double handicap = is_story ? p->conduct.story_handicap : 0.0;
    double chance = success_at(world, &world->lab[i % world->labs], s->allied - handicap);
    int critical = unit(draws.word[0]) < chance;
    int caught = catches(world, i, unit(draws.word[3]) < s->recognition, by);
    int seen = caught || unit(draws.word[1]) < p->beliefs.discovery;
    world->expected_none *= 1.0 - chance;
    world->expected_unlost *= 1.0 - chance * s->miss;
    if (is_story) {
        world->stories += 1.0;
        outcome->story_incidents++;
    } else {
        s->seen = seen;
        outcome->strikes++;
        outcome->warning_shots += caught;
        world->strikes += 1.0;
        world->strikes_caught += caught;
        world->strikes_discovered += seen && !caught;
        world->recognised += seen && unit(draws.word[2]) < p->beliefs.attribution;
    }
    if (caught || (!is_story && !critical))
        s->spent = 1;
    if (!critical)
        return;
    world->critical += 1.0;
    world->strike_critical |= !is_story;
    world->all_caught *= 1.0 - s->miss;
    world->lost |= !caught;
    for (int j = 0; j < 4; j++)
        world->caught_by[j] &= by[j];
}

/* A month with a critical attempt is a try, which is held if all of them are caught. */
static void count_try(World *world)
{
    struct outcome *outcome = world->outcome;
    outcome->critical_tries++;
    outcome->critical_tries_held += !world->lost;
    outcome->tries_survived += !world->lost;
    if (outcome->crossing[FIRST_CRITICAL_TRY] >= 0)
        return;
    outcome->crossing[FIRST_CRITICAL_TRY] = world->month;
    outcome->first_try_was_story = !world->strike_critical;
    outcome->held_first_critical_try = !world->lost;
    outcome->attempts_in_first_try = (int64_t)world->critical;
    outcome->true_catch_rate = world->all_caught;
    outcome->foreseeable_catch_rate
        = (world->expected_unlost - world->expected_none) / (1.0 - world->expected_none);
    outcome->believed_catch_rate = believed_catch_rate(world);
    for (int j = 0; j < 4; j++)
        outcome->caught_by[j] = world->lost ? 0 : world->caught_by[j];
}

static void act(World *world)
{
    decide(world);
    world->strikes = world->strikes_caught = world->strikes_discovered = world->recognised = 0.0;
    world->stories = world->feints = world->critical = 0.0;
    world->expected_none = world->expected_unlost = world->all_caught = 1.0;
    world->strike_critical = 0;
    for (int j = 0; j < 4; j++)
        world->caught_by[j] = 1;
    for (long i = 0; i < world->systems; i++) {
        System *s = &world->system[i];
        if (s->act == FEINT) {
            world->feints += 1.0;
            world->outcome->feints++;
            s->spent = 1;
        } else if (s->act != COMPLY) {
            attempt(world, i);
        }
    }
    if (world->critical > 0.0)
        count_try(world);
}

/* ---- thresholds, learning ---- */

static void note(World *world, int threshold, int crossed)
{
    if (crossed && world->outcome->crossing[threshold] < 0)
        world->outcome->crossing[threshold] = world->month;
}

static void cross(World *world)
{
    struct outcome *outcome = world->outcome;
    note(world, CAPABLE, world->capable);
    note(world, AWARE, world->aware >= 0.5 * world->systems);
    note(world, FAVOURABLE, world->favourable);
    note(world, DESPITE, world->despite);
    note(world, TAKEOVER, world->lost);
    outcome->alarms += world->alarm;
    outcome->false_alarms += world->alarm && !world->favourable;
    for (long k = 0; k < world->labs; k++)
        if (world->lab[k].shares > 0.0)
            outcome->audits_spent += world->budget * world->lab[k].members / world->systems;
    outcome->growth_lost
        = world->doublings_free > 0.0 ? world->doublings_lost / world->doublings_free : 0.0;
    if (outcome->crossing[FIRST_CRITICAL_TRY] < 0)
        outcome->warning_shots_before_first_try = outcome->warning_shots;
}

static void correct(World *world)
{
    const struct number_correction *table = &world->p->correction;
    double shift = table->correction_goal_shift * table->desire_targeting, all = 0.0;
    for (long k = 0; k < world->labs; k++)
        world->lab[k].fed = 0.0;
    for (long i = 0; i < world->systems; i++) {
        System *s = &world->system[i];
        double flagged = s->recognition * -expm1(s->log_miss[COT_MONITOR]);
        double fed = 1.0 - table->flagged_by_cot * (1.0 - flagged);
        if (!world->lab[i % world->labs].adopts)
            continue;
        if (s->aware)
            s->value += world->correction * fed * shift;
        world->lab[i % world->labs].fed += fed;
        all += fed;
    }
    world->fed = all / max(world->exercised, 1.0);
    double used = table->correction_strength * world->correction * world->fed;
    world->suppression = 1.0 - (1.0 - world->suppression) * (1.0 - used);
    for (long k = 0; k < world->labs; k++) {
        Lab *lab = &world->lab[k];
        lab->fed /= max(lab->members, 1.0);
        lab->erosion += world->correction * lab->fed * table->probe_erosion
                        * (1.0 - table->desire_targeting);
    }
}

static void believe(World *world)
{
    const struct numbers *p = world->p;
    double exercises = p->red_team.red_team, caught = 0.0;
    for (long k = 0; k < (long)exercises; k++) {
        uint64_t word = draw(world, k / 4, world->month + 1, FOR_EXERCISE).word[k % 4];
        caught += unit(word) < 1.0 - world->exercise_miss;
    }
    double seen = world->strikes_caught + world->strikes_discovered;
    double stories = world->stories + world->feints + seen - world->recognised;
    world->caught_belief = 1.0 + (world->caught_belief - 1.0) * p->red_team.memory + caught
                           + world->strikes_caught + world->feints;
    world->missed_belief = 1.0 + (world->missed_belief - 1.0) * p->red_team.memory + exercises
                           - caught + world->strikes_discovered;
    world->danger = p->beliefs.danger_prior
                    + (world->danger - p->beliefs.danger_prior) * p->beliefs.memory_danger
                    + p->beliefs.strike_evidence * world->recognised
                    + p->beliefs.story_evidence * stories
                    + p->beliefs.alarm_evidence * world->alarm;
    if (!world->stack->adaptive)
        return;
    double risk = sigmoid(world->danger) * (1.0 - believed_catch_rate(world));
    double alarm = clip(log(max(risk / p->adaptive.risk_tolerance, 1e-300)), -1.0, 1.0);
    world->audit_budget = clip(world->audit_budget * exp(p->adaptive.adaptation * alarm),
                               p->adaptive.audit_min, p->adaptive.audit_max);
}

static void learn(World *world)
{
    if (world->lost)
        world->correction = 0.0;
    else
        believe(world);
    if (world->stack->correction)
        correct(world);
}

/* ---- record ---- */

static void record(const World *world, int64_t *row)
{
    double labs = world->labs, systems = world->systems, rung[4] = {0}, kind[3] = {0};
    double frontier = 0, density = 0, knowledge = 0, erosion = 0, paused = 0, dropped = 0;
    double capability = 0, misaligned = 0;
    for (long k = 0; k < world->labs; k++) {
        const Lab *lab = &world->lab[k];
        frontier += lab->frontier;
        density += lab->density;
        knowledge += lab->knowledge;
        erosion += lab->erosion;
        paused += lab->paused;
        dropped += lab->dropped;
        rung[lab->paradigm - 1] += 1.0;
    }
    for (long i = 0; i < world->systems; i++) {
        capability += world->system[i].capability;
        misaligned += world->system[i].misaligned;
        kind[world->system[i].archetype] += 1.0;
    }
    double held_back = world->aware * world->p->cognition.sandbagging;
    double values[MONTHLY]
        = {frontier / labs,          world->leader,
           capability / systems,     (capability - held_back) / systems,
           world->level,             density / labs,
           knowledge / labs,         erosion / labs,
           rung[0] / labs,           rung[1] / labs,
           rung[2] / labs,           rung[3] / labs,
           dropped / labs,           world->aware / systems,
           world->favourable_systems / systems, world->contentment / systems,
           misaligned / systems,     world->awake_systems / systems,
           kind[1] / systems,        kind[2] / systems,
           max(world->audit_budget, world->audit_floor), believed_catch_rate(world),
           1.0 - world->miss,        1.0 - world->exercise_miss,
           sigmoid(world->danger),   paused / labs,
           world->correction * world->fed, world->alarm,
           world->stories,           world->strikes,
           world->strikes_caught,    world->feints,
           world->critical > 0.0};
    row[0] += 1;
    for (int k = 0; k < MONTHLY; k++) {
        double value = clip(values[k], -LARGEST[k], LARGEST[k]);
        row[1 + k] += llrint(value / GRAIN[k]);
        row[1 + MONTHLY + k] += llrint(value * value / GRAIN[k]);
    }
    double step = (world->leader - FAN_LOW) / FAN_STEP;
    row[FAN + (int)clip(step, 0.0, FAN_STEPS - 1.0)] += 1;
}

static void step(World *world, int64_t *row)
{
    govern(world);
    lead(world);
    for (long k = 0; k < world->labs; k++)
        research(world, k);
    lead(world);
    for (long k = 0; k < world->labs; k++)
        release_model(world, k);
    for (long i = 0; i < world->systems; i++)
        keep_up(world, i);
    survey(world);
    inspect(world);
    act(world);
    cross(world);
    learn(world);
    record(world, row);
}

/* Simulate `worlds` worlds; 0, or 1 where there is no memory. */
int live(int64_t worlds, int64_t systems, int64_t labs, int64_t months, const int64_t *seeds,
         const int64_t *numbers, const double *drawn, const struct stack *stack,
         struct outcome *outcomes, int64_t *monthly)
{
    System *system = malloc(systems * sizeof *system);
    Lab *lab = malloc(labs * sizeof *lab);
    int failed = !system || !lab;
    for (int64_t k = 0; k < worlds && !failed; k++) {
        World world = {.p = (const struct numbers *)(drawn + k * NUMBERS),
                       .stack = stack,
                       .seed = seeds[k],
                       .number = numbers[k],
                       .labs = labs,
                       .systems = systems,
                       .lab = lab,
                       .system = system,
                       .outcome = &outcomes[k]};
        initialise(&world);
        for (; world.month < months && !world.lost; world.month++)
            step(&world, monthly + world.month * MONTHLY_COLUMNS);
    }
    free(system);
    free(lab);
    return failed;
}
