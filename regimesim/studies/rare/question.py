"""`regimesim run FILE --rare`: failures too rare to be counted, told and written to a folder."""

from regimesim.analysis.precision import with_maximum_worlds
from regimesim.results.manifest import write_json
from regimesim.results.progress import compile_model, progress_bar
from regimesim.studies.rare.compute import check, rare
from regimesim.studies.rare.text import tables
from regimesim.studies.study import answered, folder_for, where_numbers_are

MAKER = "regimesim run --rare"
NAME = "rare.json"
ERROR = 0.1  # relative, where none is asked for


def run_rare(scenario, relative_error=None, out=None, threads=None, command=(), room=True):
    """Find how probable failures are, write rare.json to a folder (`out`, else
    outputs/NAME-rare), and print it.

    room: worlds may be as many as a run to a precision may take, where none were asked for.
    Raises Refusal before anything runs.
    """
    scenario = with_maximum_worlds(scenario) if room else scenario
    error = ERROR if relative_error is None else relative_error
    check(scenario, error)
    target = folder_for(out, f"{scenario.name}-rare")
    with answered(target, MAKER, scenario, threads, command) as folder:
        compile_model()
        with progress_bar() as bar:
            found = rare(scenario, (), error, threads, bar.update)
        write_json(folder / NAME, found)
    print(tables(found))
    print(f"\n{where_numbers_are(target / NAME)}")
