# Forwards everything to the simulator's command line: ./run-sim.ps1 check, ./run-sim.ps1 run --scenario crash --seed 7, ...
# Works in Windows PowerShell 5.1 and in PowerShell 7; the exit code is passed on (0 clean, 1 a promise broken, 2 bad use).
$project = [System.IO.Path]::Combine($PSScriptRoot, 'sim', 'Cli')
& dotnet run --project $project -c Release -- @args
exit $LASTEXITCODE
