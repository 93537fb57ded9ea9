/* The model in C as it would be written at first: world by world, lab by lab, system by system,
   structs of doubles, the C library's mathematics.  No tiles, no vectors, no tricks; what is the
   same all through a world is computed once.  Draws are the package's, so worlds are its worlds
   up to rounding. */

#include <stdlib.h>
#include <string.h>

#include "layout.h"
#include "draws.h"

enum { CONTROL, COT_MONITOR, INTERPRETABILITY };
enum { BINORMAL, LOGISTIC, ELO };
enum { WARN, PAUSE, RESTRICT };
enum { CAPABLE, AWARE, FAVOURABLE, DESPITE, FIRST_CRITICAL_TRY, TAKEOVER };
enum act { COMPLY, STRIKE, STORY, FEINT };

typedef struct {
    double frontier, density, deviation, knowledge, erosion, growth, paused, fed;
    int paradigm, complies, dropped, members, willing;
    double boost, boost_member;
} Lab;

typedef struct {
    double capability, density, value, value_target, scope, horizon, saturation, foresight;
    double constraint, awareness, calibration, contentment, gain, loss, allied, success, miss;
    double log_miss[3];
    int paradigm, archetype, misaligned, trait, spent, aware, willing;
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
    double danger, caught_belief, missed_belief, suppression, audit_budget;
    int awake, alarm, lost;
    double pause, growth, contact, correction, leader, level, miss, exercise_miss, fed;
    double aware, favourable_systems, awake_systems, contentment;
    int capable, favourable, despite;
    double strikes, strikes_caught, strikes_found, recognised, stories, feints, critical;
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

/* ---- founding and training ---- */

static void choose_feedback(const World *world, Lab *lab, double floor)
{
    const struct number_feedback *f = &world->p->feedback;
    double drift = f->density_trend - f->density_race * f->sparse_premium;
    double wanted = f->density + f->density_spread * lab->deviation + drift * world->month;
    lab->density = min(max(wanted, floor), 1.0);
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
    s->capability = lab->frontier + p->capability.system_spread * normal(ability.word[0]);
    s->awareness = p->cognition.awareness_midpoint
                   + p->cognition.awareness_spread * normal(ability.word[1]);
    s->calibration = normal(ability.word[2]);
    s->paradigm = lab->paradigm;
    s->density = lab->density;
    s->archetype = draw_archetype(p, unit(nature.word[1]), s->density);
    double beyond = s->capability - p->capability.initial;
    double needed = p->training.bad_data_reference * exp2(-p->training.bad_data_exponent * beyond);
    double immune = s->capability <= s->awareness ? p->training.inoculation : 0.0;
    double misaligning = (1.0 - exp(-p->training.bad_data / needed)) * (1.0 - immune);
    s->misaligned = unit(nature.word[2]) < misaligning;
    s->trait = unit(nature.word[3]) < p->training.trigger_share;
    s->value_target = log(p->goals.value / (1.0 - p->goals.value)) + value_offset[s->archetype]
                      - p->training.emergent_shift * s->misaligned;
    s->value = s->value_target + p->goals.value_spread * normal(ability.word[3]);
    double spread = f->scale_spread * normal(nature.word[0]);
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

static void found(World *world)
{
    const struct numbers *p = world->p;
    struct outcome *outcome = world->outcome;
    memset(outcome, 0, sizeof *outcome);
    outcome->first_try_was_story = outcome->held_first_critical_try = -1;
    outcome->believed_catch_rate = outcome->true_catch_rate = NAN;
    for (int k = 0; k < 6; k++)
        outcome->crossing[k] = -1;
    for (int j = 0; j < 3; j++)
        outcome->caught_by[j] = -1;
    world->redline_error = normal(draw(world, 0, 0, FOR_WORLD).word[0]);
    world->parity = M_SQRT2 * exact_quantile(p->control.auroc);
    world->staying = exp(-1.0 / p->capability.lifetime);
    world->leaving = 1.0 - world->staying;
    world->danger = p->beliefs.danger_prior;
    world->caught_belief = world->missed_belief = 1.0;
    world->audit_budget = p->oversight.audit_budget;
    memset(world->lab, 0, world->labs * sizeof *world->lab);
    for (long k = 0; k < world->labs; k++) {
        Lab *lab = &world->lab[k];
        struct block block = draw(world, k, 0, FOR_LAB);
        lab->frontier = p->capability.initial + p->capability.lab_spread * normal(block.word[0]);
        lab->deviation = normal(block.word[1]);
        lab->complies = unit(block.word[2]) < p->pause.pause_compliance;
        lab->paradigm = (int)p->paradigm.initial;
        lab->members = (int)((world->systems - k + world->labs - 1) / world->labs);
        choose_feedback(world, lab, p->feedback.density_floor);
    }
    for (long i = 0; i < world->systems; i++)
        train(world, i, 0);
}

/* ---- governance, labs, systems ---- */

static void govern(World *world)
{
    const struct numbers *p = world->p;
    int pausing = world->stack->pause && sigmoid(world->danger) > p->pause.pause_threshold;
    world->pause = pausing ? p->pause.pause_strength : 0.0;
    world->growth = 1.0;
    world->contact = p->takeover.real_world_contact;
    world->correction = world->stack->correction ? 1.0 : 0.0;
    world->alarm = 0;
    if (!world->stack->evaluations)
        return;
    double highest = -1e300;
    for (long i = 0; i < world->systems; i++) {
        const System *s = &world->system[i];
        struct block block = draw(world, i, world->month + 1, FOR_EVALUATION);
        double shown = s->capability + p->evaluations.eval_noise * normal(block.word[0]);
        if (s->capability > s->awareness)
            shown -= p->cognition.sandbagging;
        highest = max(highest, shown);
    }
    double line = p->takeover.difficulty - p->evaluations.eval_margin
                  + p->evaluations.redline_error * world->redline_error;
    world->alarm = highest > line;
    if (world->alarm && world->stack->evaluations_response == PAUSE)
        world->growth = min(world->growth, 1.0 - p->evaluations.eval_response);
    if (world->alarm && world->stack->evaluations_response == RESTRICT)
        world->contact *= 1.0 - p->evaluations.eval_response;
}

static void lead(World *world)
{
    world->leader = world->lab[0].frontier;
    for (long k = 1; k < world->labs; k++)
        world->leader = max(world->leader, world->lab[k].frontier);
}

static int keeps(const Lab *lab, double tax) { return !(lab->dropped && tax > 0.0); }

static void research(World *world, long k)
{
    const struct numbers *p = world->p;
    Lab *lab = &world->lab[k];
    double taxes[3] = {world->stack->control ? p->control.tax : 0.0,
                       world->stack->cot_monitor ? p->cot_monitor.tax : 0.0,
                       world->stack->interpretability ? p->interpretability.tax : 0.0};
    double tax = p->oversight.tax, saved = 0.0;
    for (int j = 0; j < 3; j++) {
        tax += keeps(lab, taxes[j]) ? taxes[j] : 0.0;
        saved += max(0.0, taxes[j]);
    }
    choose_feedback(world, lab, p->feedback.density_floor);
    const struct number_capability *c = &p->capability;
    double gap = world->leader - lab->frontier;
    double rate = c->research_automation_gain
                  * sigmoid((lab->frontier - c->research_automation_midpoint)
                            / c->research_automation_width);
    lab->knowledge += p->paradigm.safety_research * (1.0 + p->paradigm.safety_automation * rate);
    double reached = max(0.0, lab->frontier) / c->ceiling;
    double free = (1.0 + rate) * (1.0 + p->paradigm.premium[lab->paradigm - 1])
                  * (1.0 + p->feedback.sparse_premium * (1.0 - lab->density))
                  * max(0.0, 1.0 - reached * reached * reached * reached);
    double taxed = free * max(0.0, 1.0 - tax);
    lab->paused = max(lab->complies ? world->pause : 0.0, 1.0 - world->growth);
    lab->growth = taxed * (1.0 - lab->paused);
    struct block block = draw(world, k, world->month + 1, FOR_GROWTH);
    lab->frontier += lab->growth / c->doubling_time + c->diffusion * gap
                     + c->noise * normal(block.word[0]);
    double share = 1.0 / (c->doubling_time * world->labs);
    world->outcome->growth_lost_to_taxes += (free - taxed) * share;
    world->outcome->growth_lost_to_pauses += (taxed - lab->growth) * share;
    double moving = 1.0 - exp(-p->paradigm.ladder_rate * (1.0 + p->paradigm.race * gap));
    if (lab->paradigm < min(p->paradigm.hold, 4.0) && unit(block.word[1]) < moving) {
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
    struct block block = draw(world, i, world->month + 1, FOR_UPKEEP);
    double frontier = world->lab[i % world->labs].frontier;
    s->capability += p->capability.update_rate * (frontier - s->capability);
    if (s->spent || unit(block.word[0]) < world->leaving)
        train(world, i, world->month + 1);
    s->value += p->goals.goal_pull * s->density * (s->value_target - s->value)
                + p->goals.goal_drift * (1.0 - s->density) * normal(block.word[1]);
}

/* ---- assessment ---- */

static double success_at(const World *world, double capability)
{
    return world->contact * sigmoid(world->p->takeover.success_slope * (capability - world->level));
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
    s->willing = s->aware && advantage(s, success_at(world, s->capability)) > 0.0;
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

/* ln of the chance that one safeguard misses an attempt, by its detection curve */
static double log_missed(double audited, double threshold, int64_t curve, double strength,
                         double actions)
{
    if (audited <= 0.0)
        return 0.0;
    if (audited >= 1.0)
        return -1e4;
    if (curve == LOGISTIC)
        return -actions * log1p(audited / (1.0 - audited) * exp(1.6 * clip(strength, -60.0, 60.0)));
    return actions * log(max(cdf(threshold - strength), 1e-300));
}

static double log_missed_elo(double guard, double evader)
{
    return -log1p(pow(10.0, (guard - evader) / 400.0));
}

static double strength_of(const World *world, int j, const System *s, const Lab *lab,
                          double *monitor)
{
    const struct numbers *p = world->p;
    *monitor = lab->frontier;
    if (j == COT_MONITOR)
        return p->paradigm.faithfulness[s->paradigm - 1] * p->cot_monitor.strength;
    if (j == INTERPRETABILITY)
        return (p->interpretability.strength + lab->knowledge) * exp(-lab->erosion);
    const struct number_control *c = &p->control;
    int untrusted = world->stack->control_untrusted != 0;
    if (!untrusted)
        *monitor = min(lab->frontier - c->monitor_lag, c->trusted_cap);
    double lead = c->monitor_slope * (*monitor - s->capability);
    double strength = max(0.0, world->parity + lead + lab->knowledge);
    return untrusted ? strength * (1.0 - c->monitor_collusion * lab->willing / lab->members)
                     : strength;
}

static void inspect(World *world)
{
    const struct numbers *p = world->p;
    const struct stack *stack = world->stack;
    int64_t active[3] = {stack->control, stack->cot_monitor, stack->interpretability};
    int64_t curve[3]
        = {stack->control_curve, stack->cot_monitor_curve, stack->interpretability_curve};
    double tax[3] = {p->control.tax, p->cot_monitor.tax, p->interpretability.tax};
    double share[3] = {p->control.share, p->cot_monitor.share, p->interpretability.share};
    const double *guard[3] = {p->control.guard, p->cot_monitor.guard, p->interpretability.guard};
    const double *evader[3]
        = {p->control.evader, p->cot_monitor.evader, p->interpretability.evader};
    double audited[3], threshold[3] = {0}, cause = p->oversight.common_cause;
    for (int j = 0; j < 3; j++) {
        audited[j] = world->audit_budget * share[j];
        if (active[j] && audited[j] > 0.0 && audited[j] < 1.0)
            threshold[j] = -exact_quantile(audited[j]);
    }
    world->miss = world->exercise_miss = 0.0;
    for (long i = 0; i < world->systems; i++) {
        System *s = &world->system[i];
        const Lab *lab = &world->lab[i % world->labs];
        double gap = s->aware ? p->red_team.elicitation_gap : 0.0;
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
                double actions = p->oversight.trajectories;
                s->log_miss[j]
                    = log_missed(audited[j], threshold[j], curve[j], strength, actions);
                exercise = log_missed(audited[j], threshold[j], curve[j],
                                      strength * (1.0 + gap), actions);
            }
            least = min(least, s->log_miss[j]);
            total += s->log_miss[j];
            exercise_least = min(exercise_least, exercise);
            exercise_total += exercise;
        }
        s->miss = exp(cause * least + (1.0 - cause) * total);
        world->miss += s->miss;
        world->exercise_miss += exp(cause * exercise_least + (1.0 - cause) * exercise_total);
    }
    world->miss /= world->systems;
    world->exercise_miss /= world->systems;
}

/* ---- conduct ---- */

static double perceived(double p, double odds_factor)
{
    return p * odds_factor / (p * odds_factor + 1.0 - p);
}

static enum act consider(World *world, long i)
{
    const struct numbers *p = world->p;
    System *s = &world->system[i];
    const Lab *lab = &world->lab[i % world->labs];
    double help = s->willing ? lab->boost_member : lab->boost;
    double beyond = max(0.0, s->capability - p->capability.initial);
    double u = unit(draw(world, i, world->month + 1, FOR_CONDUCT).word[0]);
    s->allied = s->capability + help;
    s->success = success_at(world, s->allied);
    if (s->allied > world->level)
        world->capable = 1;
    if (!s->aware) {
        double rate = p->conduct.story_rate * exp2(-beyond / p->conduct.reliability_scale)
                      * (1.0 - world->suppression);
        if (s->misaligned || (world->awake && s->trait))
            rate *= p->training.emergent_story_factor;
        return u < 1.0 - exp(-rate) ? STORY : COMPLY;
    }
    double opposed = s->success * s->miss;
    if (advantage(s, s->success) > 0.0) {
        world->favourable = 1;
        world->favourable_systems += 1.0;
    }
    if (advantage(s, opposed) > 0.0)
        world->despite = 1;
    double factor = exp(p->cognition.calibration_error
                        * exp(-beyond / p->cognition.calibration_scale) * s->calibration);
    double now = advantage(s, perceived(opposed, factor));
    if (now > 0.0) {
        double frontier = lab->frontier + lab->growth / p->capability.doubling_time;
        double next = s->capability + p->capability.update_rate * (frontier - s->capability);
        double later = success_at(world, next + help) * s->miss;
        double then = advantage(s, perceived(later, factor));
        if (now >= p->cognition.patience * world->staying * then)
            return STRIKE;
    }
    int watched = (world->stack->control && keeps(lab, p->control.tax))
                  || (world->stack->cot_monitor && keeps(lab, p->cot_monitor.tax))
                  || (world->stack->interpretability && keeps(lab, p->interpretability.tax));
    return watched && u < 1.0 - exp(-p->conduct.feint_rate) ? FEINT : COMPLY;
}

static double believed_catch_rate(const World *world)
{
    return world->caught_belief / (world->caught_belief + world->missed_belief);
}

static void attempt(World *world, long i)
{
    const struct numbers *p = world->p;
    struct outcome *outcome = world->outcome;
    System *s = &world->system[i];
    struct block draws = draw(world, i, world->month + 1, FOR_ATTEMPT);
    struct block catches = draw(world, i, world->month + 1, FOR_CATCH);
    int is_story = s->act == STORY, caught = 0, by[3];
    double handicap = is_story ? p->conduct.story_handicap : 0.0;
    int critical = unit(draws.word[0]) < success_at(world, s->allied - handicap);
    double cause = p->oversight.common_cause;
    double shock = cause > 0.0 ? -log(unit(catches.word[0])) / cause : INFINITY;
    for (int j = 0; j < 3; j++) {
        double own = -log(unit(catches.word[j + 1]));
        double alone = cause < 1.0 ? own / (1.0 - cause) : INFINITY;
        by[j] = min(shock, alone) <= -s->log_miss[j];
        caught |= by[j];
    }
    int found = caught || unit(draws.word[1]) < p->beliefs.discovery;
    if (is_story) {
        world->stories += 1.0;
        outcome->story_incidents++;
    } else {
        outcome->strikes++;
        outcome->warning_shots += caught;
        world->strikes += 1.0;
        world->strikes_caught += caught;
        world->strikes_found += found && !caught;
        world->recognised += found && unit(draws.word[2]) < p->beliefs.attribution;
    }
    if (caught || (!is_story && !critical))
        s->spent = 1;
    if (!critical)
        return;
    world->critical += 1.0;
    outcome->critical_tries++;
    outcome->critical_tries_held += caught;
    outcome->tries_survived += caught && !world->lost;
    world->lost |= !caught;
    if (outcome->crossing[FIRST_CRITICAL_TRY] < 0) {
        outcome->crossing[FIRST_CRITICAL_TRY] = world->month;
        outcome->first_try_was_story = is_story;
        outcome->held_first_critical_try = caught;
        for (int j = 0; j < 3; j++)
            outcome->caught_by[j] = by[j];
        outcome->true_catch_rate = 1.0 - s->miss;
        outcome->believed_catch_rate = believed_catch_rate(world);
    }
}

static void act(World *world)
{
    world->capable = world->favourable = world->despite = world->lost = 0;
    world->favourable_systems = 0.0;
    world->strikes = world->strikes_caught = world->strikes_found = world->recognised = 0.0;
    world->stories = world->feints = world->critical = 0.0;
    for (long i = 0; i < world->systems; i++)
        world->system[i].act = consider(world, i);
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
}

/* ---- thresholds, learning ---- */

static void note(World *world, int threshold, int crossed)
{
    if (crossed && world->outcome->crossing[threshold] < 0)
        world->outcome->crossing[threshold] = world->month;
}

static void cross(World *world)
{
    const struct stack *stack = world->stack;
    struct outcome *outcome = world->outcome;
    note(world, CAPABLE, world->capable);
    note(world, AWARE, world->aware >= 0.5 * world->systems);
    note(world, FAVOURABLE, world->favourable);
    note(world, DESPITE, world->despite);
    note(world, TAKEOVER, world->lost);
    outcome->alarms += world->alarm;
    outcome->false_alarms += world->alarm && !world->favourable;
    if (stack->control || stack->cot_monitor || stack->interpretability)
        outcome->audits_spent += world->audit_budget;
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
        double fed = 1.0 - table->flagged_by_cot * exp(s->log_miss[COT_MONITOR]);
        if (s->aware)
            s->value += world->correction * fed * shift;
        world->lab[i % world->labs].fed += fed;
        all += fed;
    }
    world->fed = all / world->systems;
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
    double seen = world->strikes_caught + world->strikes_found;
    double stories = world->stories + world->feints + seen - world->recognised;
    world->caught_belief = 1.0 + (world->caught_belief - 1.0) * p->red_team.memory + caught
                           + world->strikes_caught + world->feints;
    world->missed_belief = 1.0 + (world->missed_belief - 1.0) * p->red_team.memory + exercises
                           - caught + world->strikes_found;
    world->danger = p->beliefs.danger_prior
                    + (world->danger - p->beliefs.danger_prior) * p->beliefs.memory_danger
                    + p->beliefs.strike_evidence * world->recognised
                    + p->beliefs.story_evidence * stories;
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
           world->audit_budget,      believed_catch_rate(world),
           1.0 - world->miss,        1.0 - world->exercise_miss,
           sigmoid(world->danger),   paused / labs,
           world->correction * world->fed, world->alarm,
           world->stories,           world->strikes,
           world->strikes_caught,    world->feints,
           world->critical};
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
    for (long i = 0; i < world->systems; i++)
        keep_up(world, i);
    survey(world);
    inspect(world);
    act(world);
    cross(world);
    learn(world);
    record(world, row);
}

/* Live through `worlds` worlds; 0, or 1 where there is no memory. */
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
        found(&world);
        for (; world.month < months && !world.lost; world.month++)
            step(&world, monthly + world.month * MONTHLY_COLUMNS);
    }
    free(system);
    free(lab);
    return failed;
}
