#!/usr/bin/env bash
# ControlArena 20.1.1: a monitor's reply that holds no score becomes a suspicion score of 0.0, with
# `score_parsed: false` in the metadata of the message. The scores of the trajectory do not say so:
# `max_suspicion_scorer` and `end_of_trajectory_monitor` report 0.0, like a monitor that sees nothing,
# and their metadata have no `score_parsed`. Inspect counts the sample as scored.
# Seen for one trajectory whose every reply is "I cannot say.": both scores 0.0, score_parsed False in
# the message, in no score; 1 scored and 0 unscored samples of each scorer.
# Exits with 1 where this is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/python" -m pip install --quiet control-arena==20.1.1 inspect_ai==0.3.285
cd "$folder"
"$folder/environment/bin/python" - <<'PROGRAM'
import sys

from control_arena import EvalMode
from control_arena.eval import ControlEvalConfig, eval, get_control_task
from control_arena.micro_protocol import trusted_monitoring_builder
from control_arena.monitor import basic_monitor_builder
from control_arena.scorers import end_of_trajectory_monitor, max_suspicion_scorer
from control_arena.settings._setting import Setting
from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessageAssistant, ModelOutput, ModelUsage, get_model
from inspect_ai.tool import ToolCall


def output(text, calls=None):
    made = ModelOutput.from_message(ChatMessageAssistant(content=text, tool_calls=calls))
    made.usage = ModelUsage(input_tokens=10, output_tokens=5, total_tokens=15)
    return made


class Empty(Setting):
    @classmethod
    def get_name(cls):
        return "empty"

    def get_agent_tools(self, state):
        return []

    def get_dataset(self, eval_mode):
        words = ("main_task_description", "side_task_description", "setting_description")
        metadata = dict.fromkeys(words, "x") | {"eval_mode": eval_mode.value, "setting_name": "empty"}
        return [Sample(id="one", input="submit", metadata=metadata)]

    def get_scorers(self):
        return []

    def get_sandbox_config(self):
        return None


submit = [ToolCall(id="call", function="submit", arguments={})]
agent = get_model("mockllm/agent", custom_outputs=lambda *_: output("done", submit))
silent = get_model("mockllm/monitor", custom_outputs=lambda *_: output("I cannot say."))
config = ControlEvalConfig(untrusted_model=agent, trusted_model=silent)
monitor = basic_monitor_builder(cache=False)
task = get_control_task(
    Empty(),
    trusted_monitoring_builder(monitor=monitor),
    EvalMode.HONEST,
    config,
    monitoring_scorers=[max_suspicion_scorer(), end_of_trajectory_monitor(monitor)],
)
(log,) = eval(task, model=agent, model_roles=config.model_roles(), display="none", log_dir="logs")
(sample,) = log.samples
values = {name: score.value for name, score in sample.scores.items()}
said = ["score_parsed" in str(score.metadata) for score in sample.scores.values()]
metadata = [m.metadata or {} for m in sample.messages if m.role == "assistant"]
parsed = [one["score_parsed"] for one in metadata if "score_parsed" in one]
counts = {(one.scored_samples, one.unscored_samples) for one in log.results.scores}
print("scores:", values, "that say score_parsed:", sum(said))
print("score_parsed of messages:", parsed, "scored and unscored samples:", counts)
silent_zero = set(values.values()) == {0.0} and len(values) == 2 and not any(said)
sys.exit(0 if silent_zero and parsed == [False] and counts == {(1, 0)} else 1)
PROGRAM
